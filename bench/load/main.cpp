// The benchmark's load generator: echosocket::load in every dialect, and the other kinds of load.
#include "arguments.hpp"
#include "cli/load/runner.hpp"
#include "connects.hpp"
#include "dialects.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace echosocket;

load::options read_options(const bench::arguments& given) {
    load::options wanted;
    wanted.address = given.text("address");
    wanted.task = given.text("task", "echo");
    wanted.connections = given.number("connections", 1);
    wanted.depth = given.number("depth", 1);
    wanted.payload = given.number("payload", 64);
    wanted.body = given.text("body", "");
    wanted.body_is_json = given.number("json", 0) != 0;
    wanted.deadline_ms = static_cast<std::uint32_t>(given.number("deadline", 30'000));
    wanted.rate = static_cast<double>(given.number("rate", 0));
    wanted.warm_up = std::chrono::milliseconds(given.number("warm-up", 100));
    wanted.duration = std::chrono::milliseconds(given.number("duration", 1'000));
    wanted.requests = given.number("requests", 0);
    wanted.flood_depth = given.number("flood", 0);
    wanted.expected = given.text("expect", "");
    const auto check = given.text("check", wanted.expected.empty() ? "same" : "fixed");
    wanted.check = check == "fixed"     ? load::answer_check::fixed
                   : check == "success" ? load::answer_check::success
                                        : load::answer_check::same_as_request;
    return wanted;
}

result<load::report> run(const std::string& dialect, const load::options& wanted) {
    if (dialect == "frames") return load::run(wanted);
    if (dialect == "resp") return load::runner<bench::resp>(wanted).run();
    if (dialect == "zmtp") return load::runner<bench::zmtp>(wanted).run();
    if (dialect == "nats") return load::runner<bench::nats>(wanted).run();
    return failure(errc::invalid_config, "dialects are frames, resp, zmtp and nats");
}

int work(const bench::arguments& given) {
    const auto wanted = read_options(given);
    const auto mode = given.text("mode", "load");
    const auto dialect = given.text("dialect", "frames");
    if (mode == "hold") return bench::hold(dialect, wanted);
    const auto outcome = mode == "connect" ? bench::connect_again_and_again(wanted, given.number("hello", 1) != 0)
                                           : run(dialect, wanted);
    if (!outcome) {
        std::fprintf(stderr, "load: %s\n", outcome.error().message().c_str());
        return 1;
    }
    std::puts(load::to_json(*outcome, given.number("buckets", 0) != 0).c_str());
    return outcome->all_right() ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
    try {
        return work(bench::arguments(count, values));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "load: %s\n", error.what());
        return 2;
    }
}
