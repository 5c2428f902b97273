"""The web application: one page, its API, and what a load balancer and an operator ask."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from stock_dashboard import answers, assets, headers
from stock_dashboard.alpha_vantage import AlphaVantage
from stock_dashboard.feed import Feed
from stock_dashboard.sample import Sample
from stock_dashboard.settings import Settings

LONGEST_LOGGED_PATH = 200

_log = logging.getLogger("stock_dashboard.request")


def create(settings: Settings) -> Flask:
    """The application, with a feed that has begun to work."""
    feed = Feed(
        AlphaVantage(settings) if settings.is_live else Sample(),
        settings.watch_list,
        cache_seconds=settings.cache_seconds,
        pause_seconds=settings.pause_seconds if settings.is_live else 0.0,
    )
    feed.start()

    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # a redirect repeats the path, and //host would be one to elsewhere
    app.config["MAX_CONTENT_LENGTH"] = 1024
    assets.serve(app)
    _serve_page(app, settings)
    _serve_api(app, settings, feed)
    _serve_health(app, settings, feed)
    _answer_errors(app, settings)
    _log_requests(app)
    app.after_request(headers.add)
    return app


def _serve_page(app: Flask, settings: Settings) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("index.html", settings=settings)


def _serve_api(app: Flask, settings: Settings, feed: Feed) -> None:
    @app.get("/api/quotes")
    def quotes() -> Response:
        return jsonify(answers.quotes(feed.look() if settings.watch_list else [], live=settings.is_live))

    @app.get("/api/history/<symbol>")
    def history(symbol: str) -> tuple[Response, int] | Response:
        if symbol not in settings.watch_list:
            return jsonify(error="This symbol is not on the watch list."), HTTPStatus.NOT_FOUND
        return jsonify(answers.history(feed.look(symbol)[0], live=settings.is_live))


def _serve_health(app: Flask, settings: Settings, feed: Feed) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        """Alive: it answers."""
        return jsonify(status="ok", version=settings.version, commit=settings.commit)

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Ready: each symbol was asked for once, whatever came of it.

        An outage at Alpha Vantage is told, but is no reason to take every task out of service: the page says what is
        wrong, and shows what it has.
        """
        known = feed.peek()
        checks = {
            "feed": "ok" if feed.is_working else "stopped",
            "first load": "pending" if any(one.state == "loading" for one in known) else "ok",
        }
        ready = set(checks.values()) == {"ok"}
        return (
            jsonify(
                status="ready" if ready else "not ready",
                checks={**checks, "prices": answers.condition(known, live=settings.is_live)},
            ),
            HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        )


def _answer_errors(app: Flask, settings: Settings) -> None:
    def page(status: HTTPStatus) -> Response:
        if request.path.startswith("/api/"):
            response = jsonify(error=status.phrase)
        else:
            response = make_response(render_template("error.html", settings=settings, status=status))
        response.status_code = status
        return response

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        response = page(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        _log.exception("unexpected", exc_info=error)
        return page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _log_requests(app: Flask) -> None:
    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        """One line a request, without the query, which may hold anything, and without answers to health checks."""
        checked = request.path == "/healthz" or request.user_agent.string.startswith("ELB-HealthChecker/")
        if not checked or response.status_code >= HTTPStatus.BAD_REQUEST:
            fields = {
                "method": request.method,
                "path": request.path[:LONGEST_LOGGED_PATH],
                "status": response.status_code,
                "milliseconds": round(1000 * (time.perf_counter() - g.started), 1),
                "trace": request.headers.get("X-Amzn-Trace-Id", "")[:LONGEST_LOGGED_PATH],
            }
            _log.info("request", extra={"fields": fields})
        return response
