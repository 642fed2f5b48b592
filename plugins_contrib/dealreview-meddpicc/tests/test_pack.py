"""The pack against the contract; pytest collects the files in cases/ by itself."""

import dealreview_meddpicc

from dealreview.testing import contract_tests

TestContract = contract_tests(dealreview_meddpicc, examples=15, whole=2)
"""What must hold for every check: gaps never help, nothing raises, same input same output."""
