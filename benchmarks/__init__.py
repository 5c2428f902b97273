"""Speed, measured against what a user would otherwise run. Ratios within one run; medians of five."""
