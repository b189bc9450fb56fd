# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake gcc g++ libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --package writ-server --bin writ \
    && packaging/strip.sh target/dist/writ /writ && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /writ /usr/bin/writ
COPY --from=build --chown=nonroot:nonroot --chmod=700 /data /data
ENV WRIT_DATA_DIR=/data WRIT_LISTEN=:8080 WRIT_METRICS_LISTEN=:9464 WRIT_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080 9464
# An issuer is what clients reach: set WRIT_ISSUER to it.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s CMD ["/usr/bin/writ", "healthcheck"]
ENTRYPOINT ["/usr/bin/writ"]
CMD ["serve"]
