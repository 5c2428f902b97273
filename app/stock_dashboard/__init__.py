"""The stock dashboard: a watch list, its prices and a chart, as one small web application."""
