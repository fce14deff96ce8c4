"""Pure functions from frames to what a page shows; nothing here imports streamlit or duckdb."""
