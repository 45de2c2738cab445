"""Make every sample again: `python -m evals.samples`. Wants LibreOffice for the PDFs."""

from __future__ import annotations

from evals.samples import documents, email_thread, forms, meetings, records, repairs_log, scan, small_formats

FAMILIES = (documents, scan, email_thread, repairs_log, small_formats, meetings, records, forms)


def main() -> None:
    """Run each family's generator."""
    for family in FAMILIES:
        family.main()
        print(f"made: {family.__name__.rpartition('.')[2]}")


if __name__ == "__main__":
    main()
