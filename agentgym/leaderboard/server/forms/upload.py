"""Upload by browser: the form, what became of one's uploads, and the button that takes one back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from fastapi import APIRouter, HTTPException
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agentgym.errors import ArgumentError
from agentgym.leaderboard.server.forms.access import Form, Uploader, check_form
from agentgym.leaderboard.server.forms.page import page
from agentgym.leaderboard.server.intake import seen_upload, take_in
from agentgym.leaderboard.server.site import Number, site_of

__all__ = ["router"]

_CHUNK: Final = 1 << 20
_SHOWN: Final = 50
_LOOK_AGAIN_S: Final = "3"

router = APIRouter()


@router.get("/upload")
def ask(request: Request, uploader: Uploader) -> Response:
    """Show the form, and what one has sent before."""
    token, session = uploader
    site = site_of(request)
    return page(
        "upload.html",
        request,
        token=token,
        form_token=site.signer.form_token(session.nonce),
        most_mib=site.settings.most_bytes >> 20,
        uploads=site.store.uploads.all(owner=token.owner, limit=_SHOWN),
    )


@router.post("/upload")
async def send(request: Request, uploader: Uploader) -> Response:
    """Take a file in."""
    token, session = uploader
    async with request.form(max_files=1, max_fields=1) as form:
        check_form(request, session, form.get("form_token"))
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.size:
            raise HTTPException(422, "No file was chosen. Go back and choose a submission (*.jsonl.zst).")
        upload = await take_in(site_of(request), token, _chunks(file))
    return RedirectResponse(f"/uploads/{upload.id}", 303)


@router.get("/uploads/{id}")
def status(request: Request, uploader: Uploader, id: Number) -> Response:
    """Tell what became of an upload; the page asks again by itself while there is no verdict."""
    token, session = uploader
    site = site_of(request)
    upload = seen_upload(site, token, id)
    form_token = site.signer.form_token(session.nonce)
    refresh = {"Refresh": _LOOK_AGAIN_S} if upload.status in ("waiting", "claimed") else {}
    return page("status.html", request, headers=refresh, upload=upload, form_token=form_token)


@router.post("/uploads/{id}/cancel")
def cancel(request: Request, uploader: Uploader, form: Form, id: Number) -> Response:
    """Take back an upload that still waits."""
    token, session = uploader
    check_form(request, session, form.get("form_token"))
    site = site_of(request)
    seen_upload(site, token, id)
    try:
        site.store.uploads.cancel(id)
    except ArgumentError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/uploads/{id}", 303)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk
