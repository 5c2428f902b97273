"""What the environment can set, and what it cannot."""

from __future__ import annotations

import pytest
from stock_dashboard.settings import Settings, SettingsError, read


def test_an_empty_environment_has_defaults_and_no_key() -> None:
    settings = read({})
    assert settings == Settings()
    assert not settings.is_live
    assert (settings.port, settings.version, settings.commit) == (8080, "dev", "dev")


def test_a_variable_that_is_set_to_nothing_is_as_if_it_were_not_set() -> None:
    names = ["ALPHA_VANTAGE_URL", "CACHE_SECONDS", "UPSTREAM_TIMEOUT_SECONDS", "PORT", "APP_VERSION", "APP_COMMIT"]
    assert read(dict.fromkeys(names, "")) == Settings()


def test_everything_can_be_set() -> None:
    settings = read(
        {
            "ALPHA_VANTAGE_API_KEY": " KEY\n",
            "ALPHA_VANTAGE_URL": "http://127.0.0.1:9/query",
            "WATCH_LIST": " brk.b, TSCO.LON ,, BRK.B",
            "CACHE_SECONDS": "60",
            "UPSTREAM_TIMEOUT_SECONDS": "2.5",
            "UPSTREAM_PAUSE_SECONDS": "0",
            "PORT": "9000",
            "APP_VERSION": "1.2.3",
            "APP_COMMIT": "abc",
        }
    )
    assert settings == Settings(
        "KEY", "http://127.0.0.1:9/query", ("BRK.B", "TSCO.LON"), 60.0, 2.5, 0.0, 9000, "1.2.3", "abc"
    )
    assert settings.is_live


def test_only_an_empty_watch_list_means_something() -> None:
    assert read({"WATCH_LIST": ""}).watch_list == ()


def test_the_key_is_in_no_representation() -> None:
    assert "TOP-SECRET" not in repr(read({"ALPHA_VANTAGE_API_KEY": "TOP-SECRET"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALPHA_VANTAGE_URL", "ftp://example.com"),
        ("ALPHA_VANTAGE_URL", "example.com"),
        ("ALPHA_VANTAGE_URL", "https://example.com/?apikey=X"),
        ("WATCH_LIST", "AAPL;MSFT"),
        ("WATCH_LIST", "<script>"),
        ("WATCH_LIST", ",".join(f"S{number}" for number in range(21))),
        ("CACHE_SECONDS", "soon"),
        ("CACHE_SECONDS", "nan"),
        ("CACHE_SECONDS", "-1"),
        ("UPSTREAM_TIMEOUT_SECONDS", "0"),
        ("UPSTREAM_TIMEOUT_SECONDS", "inf"),
        ("UPSTREAM_PAUSE_SECONDS", "61"),
        ("PORT", "65536"),
        ("PORT", "http"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read({name: value})


def test_a_key_that_cannot_be_one_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError, match="ALPHA_VANTAGE_API_KEY") as error:
        read({"ALPHA_VANTAGE_API_KEY": '{"key": "TOP-SECRET"}'})
    assert "TOP-SECRET" not in str(error.value)
