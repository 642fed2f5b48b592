"""What people do with reviews: findings that they accept for a time, and what changed between two runs."""
