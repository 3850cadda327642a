# docker build -t jobinfo-conformance . && docker run --rm -v "$PWD:/work" jobinfo-conformance run recording.har
FROM python:3.13.7-slim-trixie AS build
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM python:3.13.7-slim-trixie
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir /wheels/*.whl && \
    useradd --create-home --uid 1000 suite
USER 1000
WORKDIR /work
ENTRYPOINT ["jobinfo-conformance"]
