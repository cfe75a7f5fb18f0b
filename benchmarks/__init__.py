"""What the suite itself costs, measured: ``nox -s benchmarks``; README.md here says how."""
