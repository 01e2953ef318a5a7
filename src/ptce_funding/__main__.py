"""``python -m ptce_funding`` is `ptce-fund`."""

from ptce_funding.cli.main import main

if __name__ == "__main__":
    main()
