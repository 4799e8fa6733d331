// The cost of frames, meta and HELLOs, without a socket.
#include "wire/frame.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace echosocket::wire;

std::string write_meta_of_request() {
    const meta asked{.name = "echo", .deadline_ms = 30'000};
    std::string bytes(meta_size(asked), '\0');
    write_meta(bytes.data(), asked);
    return bytes;
}

std::string write_requests(int count, std::size_t body_size) {
    const auto meta = write_meta_of_request();
    const std::string body(body_size, 'e');
    std::string bytes;
    for (int i = 0; i < count; ++i)
        append_frame(
            bytes, {.kind = frame_kind::request, .id = 2U * static_cast<unsigned>(i) + 1, .meta = meta, .body = body});
    return bytes;
}

// Argument of both: bytes of a body.
void parse_frames(benchmark::State& state) {
    const auto bytes = write_requests(32, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::string_view rest = bytes;
        while (!rest.empty()) {
            const auto next = parse_frame(rest, {});
            benchmark::DoNotOptimize(next.frame.id);
            rest.remove_prefix(next.size);
        }
    }
    state.SetItemsProcessed(32 * state.iterations());
}
BENCHMARK(parse_frames)->Arg(16)->Arg(64)->Arg(4096);

void encode_frames(benchmark::State& state) {
    const std::string body(static_cast<std::size_t>(state.range(0)), 'e');
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (unsigned i = 0; i < 32; ++i)
            append_frame(out, {.kind = frame_kind::response, .id = 2 * i + 1, .body = body});
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(32 * state.iterations());
}
BENCHMARK(encode_frames)->Arg(16)->Arg(64)->Arg(4096);

void decode_meta(benchmark::State& state) {
    const auto bytes = write_meta_of_request();
    for (auto _ : state) {
        meta read;
        benchmark::DoNotOptimize(parse_meta(bytes, read));
        benchmark::DoNotOptimize(read.name.data());
    }
}
BENCHMARK(decode_meta);

void encode_meta(benchmark::State& state) {
    const meta asked{.name = "echo", .deadline_ms = 30'000};
    char out[64];
    for (auto _ : state) {
        benchmark::DoNotOptimize(meta_size(asked));
        write_meta(out, asked);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(encode_meta);

void exchange_hello(benchmark::State& state) {
    hello self;
    self.name = "EchoSocket";
    for (auto _ : state) {
        std::string bytes;
        append_hello(bytes, self);
        hello read;
        benchmark::DoNotOptimize(parse_hello(parse_frame(bytes, {}).frame, read).error);
    }
}
BENCHMARK(exchange_hello);

}  // namespace
