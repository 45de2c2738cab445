"""The router: which pages there are. Streamlit runs this file anew for every change on a page."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Show the page the person chose."""
    import streamlit as st

    from ui.pages import ask, documents
    from ui.theme import PRODUCT
    from ui.widgets.safe import show, tag

    page = st.navigation(
        [
            st.Page(documents.show, title="Documents", url_path="documents", default=True),
            st.Page(ask.show, title="Ask", url_path="ask"),
        ]
    )
    st.set_page_config(page_title=f"{page.title} - {PRODUCT}", page_icon=HERE / "icon.png", layout="centered")
    st.html(HERE / "style.css")
    show(tag("p", PRODUCT, class_="council-banner"))
    page.run()


# As Streamlit runs it; importing it shows nothing.
if __name__ == "__main__":
    main()
