"""Speed, measured as ratios to a bare twin in the same run, plus SQL counts."""
