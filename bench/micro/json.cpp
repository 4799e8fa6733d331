// The cost of JSON payloads, in both directions.
#include <echosocket/codec.hpp>

#include <benchmark/benchmark.h>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace {

namespace es = echosocket;

struct point {
    double x = 0;
    double y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct track {
    std::int64_t id = 0;
    std::string name;
    std::vector<point> points;
};
BOOST_DESCRIBE_STRUCT(track, (), (id, name, points))

track make_track(std::size_t points) {
    return {7, "a track", std::vector<point>(points, {1.25, -3.5})};
}

// Argument of both: points in the track.
void encode_struct(benchmark::State& state) {
    const auto value = make_track(static_cast<std::size_t>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const auto body = es::encode_arguments(value);
        bytes += body.bytes.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(encode_struct)->Arg(1)->Arg(100);

void decode_struct(benchmark::State& state) {
    const auto body = es::encode_arguments(make_track(static_cast<std::size_t>(state.range(0)))).bytes;
    for (auto _ : state) {
        const auto value = es::decode_reply<track>(std::string(body));
        if (!value) state.SkipWithError(value.error().message().c_str());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(decode_struct)->Arg(1)->Arg(100);

void encode_numbers(benchmark::State& state) {
    std::vector<std::int64_t> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 1'000'000);
    std::size_t bytes = 0;
    for (auto _ : state) {
        const auto body = es::encode_arguments(numbers);
        bytes += body.bytes.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(encode_numbers);

}  // namespace
