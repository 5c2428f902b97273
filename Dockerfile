# The stock dashboard. docs/application.md tells how it is built, and what about it is tested without Docker.

# Python and Debian as of this digest, for every platform at once; to renew it, see docs/application.md.
FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build

# A virtual environment has all that is installed in one folder, and pip can be left out of it.
RUN python -m venv --without-pip /opt/venv

# The lock alone decides what is installed, so only a change of it makes this layer anew.
COPY app/requirements.lock /build/requirements.lock
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
    --only-binary :all: --require-hashes --requirement /build/requirements.lock


FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

LABEL org.opencontainers.image.title="Stock dashboard" \
      org.opencontainers.image.description="A watch list of stocks, their prices and a chart" \
      org.opencontainers.image.licenses="Apache-2.0"

# Nothing is installed at run time: what could install goes.
RUN rm -rf /usr/local/lib/python3.13/site-packages/pip* /usr/local/lib/python3.13/ensurepip /usr/local/bin/pip*

# The root file system is read-only, so nobody could write byte code; logs go out line by line.
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

COPY --from=build /opt/venv /opt/venv
COPY app/stock_dashboard /app/stock_dashboard
WORKDIR /app

# Fargate makes a volume writable for others than root where the image declares it: it takes over the mode, which for
# /tmp is everyone's. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
VOLUME /tmp

# As the task definition has it, by number: there need be no such user in the image.
USER 10001:10001
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-m", "stock_dashboard.health"]

# By itself and without a shell between, so that it gets the signals that ECS sends.
CMD ["python", "-m", "stock_dashboard"]

# Last, since they change with every commit, and with them only these layers.
ARG APP_VERSION=dev
ARG APP_COMMIT=dev
ENV APP_VERSION="$APP_VERSION" \
    APP_COMMIT="$APP_COMMIT"
LABEL org.opencontainers.image.version="$APP_VERSION" \
      org.opencontainers.image.revision="$APP_COMMIT"
