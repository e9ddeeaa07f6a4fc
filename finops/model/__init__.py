"""The words everything else speaks: money, periods, cost questions and answers, failures, people, errors."""
