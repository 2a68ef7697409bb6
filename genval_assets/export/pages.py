"""What all pages of a set share: their templates, and links to other pages of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

NEIGHBOURS = 2
"""Pages before and after the current one that its pager names (our choice)."""


@dataclass(frozen=True)
class PageLink:
    """One place in a pager."""

    number: int  # as people count, from 1
    file: str | None  # None: the page itself


def page_links(at: int, files: Sequence[str]) -> tuple[PageLink | None, ...]:
    """Return the pager of page `at` (from 0): the first, its neighbours and the last; None where pages are left out.

    A single page that would be left out is named instead. One page needs no pager: nothing.
    """
    if len(files) < 2:
        return ()
    last = len(files) - 1
    named = sorted({0, last, *range(max(0, at - NEIGHBOURS), min(last, at + NEIGHBOURS) + 1)})
    links: list[PageLink | None] = []
    before = -1
    for page in named:
        if page - before == 2:
            links.append(PageLink(page, files[page - 1]))
        elif page - before > 2:
            links.append(None)
        links.append(PageLink(page + 1, None if page == at else files[page]))
        before = page
    return tuple(links)


def page_name(stem: str, page: int) -> str:
    """Return the file of a page (from 0) of a list; the first bears the list's own name."""
    return f"{stem}.html" if page == 0 else f"{stem}.{page + 1}.html"


def template(name: str) -> Template:
    """Return a template of the pages."""
    return _environment().get_template(name)


@cache
def _environment() -> SandboxedEnvironment:
    """Return the templates; compiled once per process, which takes longer than all else of a small gallery."""
    return SandboxedEnvironment(
        loader=PackageLoader("genval_assets.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
