# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
# The image brings its toolchain; rust-toolchain.toml would have another one fetched.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --package loggia && cp target/dist/loggia /loggia

FROM debian:bookworm-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin loggia \
    && install --directory --owner=loggia --group=loggia /data
COPY --from=build /loggia /usr/local/bin/loggia
USER loggia
WORKDIR /data
VOLUME /data
ENV LOGGIA_DATABASE_URL=sqlite:///data/loggia.db LOGGIA_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --start-period=5s --interval=10s --timeout=3s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["loggia"]
CMD ["serve"]
