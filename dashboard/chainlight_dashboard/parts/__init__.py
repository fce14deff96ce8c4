"""Pieces that pages are laid out from; each draws one view model with streamlit."""
