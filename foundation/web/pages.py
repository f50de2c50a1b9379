"""The pages that belong to no feature: language, and what is shown when something goes wrong."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from foundation.errors import DomainError
from foundation.language import LANGUAGES
from foundation.web.access import public, request_id
from foundation.web.filters import sentence
from foundation.web.i18n import COOKIE

log = structlog.get_logger(__name__)
pages = Blueprint("pages", __name__, template_folder="templates")

ONE_YEAR = 365 * 24 * 3600


@pages.get("/language/<any(vi, en):language>")
@public
def choose_language(language: str) -> ResponseReturnValue:
    """Remember the reader's language and go back to the page."""
    response = make_response(redirect(safe_next(request.args.get("next")), 303))
    if language in LANGUAGES:
        response.set_cookie(
            COOKIE, language, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure
        )
    return response


def safe_next(address: str | None, otherwise: str = "/") -> str:
    """Return a local address to go on to; anything that leads elsewhere becomes `otherwise`."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return otherwise
    if any(ord(letter) < 32 for letter in address) or "\\" in address:
        return otherwise
    return address


def init_app(app: Flask) -> None:
    """Register the pages and the handlers of everything that can go wrong."""
    app.register_blueprint(pages)
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(Exception, broken)


def wants_json() -> bool:
    """Say whether the asker is a program."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def refused(error: DomainError) -> ResponseReturnValue:
    """Explain a refusal that no form caught."""
    if wants_json():
        return jsonify(error=error.code, message=sentence(error)), error.status
    if error.status == HTTPStatus.NOT_FOUND:
        return _not_found()
    response = _page(_("Chưa làm được việc này"), sentence(error), error.status)
    if "retry_after" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after"])
    return response


def stale_form(_error: CSRFError) -> ResponseReturnValue:
    """A form without its token: forged, or left open too long."""
    return _page(
        _("Trang này để lâu quá nên hết hiệu lực"),
        _("Chưa có gì được lưu. Quay lại trang trước, tải lại rồi gửi lần nữa."),
        HTTPStatus.BAD_REQUEST,
    )


def failed(error: HTTPException) -> ResponseReturnValue:
    """Explain an HTTP error in words."""
    status = HTTPStatus(error.code or 500)
    if error.response is not None or status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    if wants_json():
        return jsonify(
            error=status.phrase.lower().replace(" ", "_"), message=_words(status)
        ), status
    if status == HTTPStatus.NOT_FOUND:
        return _not_found()
    response = _page(_heading(status), _words(status), status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def broken(error: Exception) -> ResponseReturnValue:
    """Our own fault: logged whole, told in one sentence."""
    log.exception("request.broken", path=request.path, error=repr(error))
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if wants_json():
        return jsonify(error="internal", message=_words(status)), status
    return _page(_heading(status), _words(status), status)


def _heading(status: HTTPStatus) -> str:
    headings = {
        HTTPStatus.FORBIDDEN: _("Trang này không dành cho tài khoản của bạn"),
        HTTPStatus.METHOD_NOT_ALLOWED: _("Trang này không nhận kiểu gửi đó"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Tệp gửi lên lớn quá"),
        HTTPStatus.TOO_MANY_REQUESTS: _("Bạn thử nhanh quá"),
    }
    if status in headings:
        return str(headings[status])
    return str(_("Hệ thống đang trục trặc") if status >= 500 else _("Chưa làm được việc này"))


def _words(status: HTTPStatus) -> str:
    words = {
        HTTPStatus.NOT_FOUND: _("Không có trang này."),
        HTTPStatus.FORBIDDEN: _("Nhờ chủ tài khoản hoặc người quản lý cấp quyền cho bạn."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("Quay lại trang trước và bấm nút ở đó."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _(
            "Mỗi ảnh tối đa 15 MB, mỗi lần gửi tối đa 60 MB. Chưa có gì được lưu."
        ),
        HTTPStatus.TOO_MANY_REQUESTS: _("Chờ một phút rồi thử lại."),
    }
    if status in words:
        return str(words[status])
    if status >= 500:
        return str(_("Lỗi ở phía chúng tôi, không phải do bạn. Chờ ít phút rồi thử lại."))
    return str(_("Yêu cầu gửi lên chưa đúng. Quay lại trang trước và thử lần nữa."))


def _not_found() -> Response:
    guess = request.path.rstrip("/").rsplit("/", 1)[-1].replace("-", " ")
    return _page(
        _("Sạp này dọn rồi"),
        _(
            "Trang bạn tìm không còn ở đây, hoặc địa chỉ gõ nhầm một chữ. "
            "Món hàng thì có thể vẫn còn: thử tìm bằng tên, không dấu cũng được."
        ),
        HTTPStatus.NOT_FOUND,
        search=True,
        guess=guess[:60] if request.path.startswith("/products/") else "",
    )


def _page(heading: str, words: str, status: HTTPStatus, **more: object) -> Response:
    page = render_template(
        "web/error.html",
        heading=heading,
        words=words,
        request_id=request_id(),
        **{"search": False, "guess": "", "back": None, **more},
    )
    return make_response(page, status)
