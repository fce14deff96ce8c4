"""Alerts: thresholds from a file (`rules`), judged by every run (`states`), told (`telling`)."""
