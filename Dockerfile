# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
# The image brings its toolchain; rust-toolchain.toml would have another one fetched.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
# What `loggia --version` tells, since the repository is not copied: `--build-arg LOGGIA_COMMIT=$(git rev-parse HEAD)`.
ARG LOGGIA_COMMIT=
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --package loggia && sh docker/image-root.sh target/dist/loggia /image

# No distribution: the program, its libraries and nothing to break into, no shell either.
FROM scratch
COPY --from=build /image/root /
COPY --from=build --chown=10001:10001 /image/data /data
USER 10001:10001
WORKDIR /data
# For a store that is one file; with a database on Postgres nothing is written here.
VOLUME /data
ENV LOGGIA_DATABASE_URL=sqlite:///data/loggia.db LOGGIA_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --start-period=10s --interval=10s --timeout=3s CMD ["/loggia", "healthcheck"]
ENTRYPOINT ["/loggia"]
CMD ["serve"]
