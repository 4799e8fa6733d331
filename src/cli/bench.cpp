// `echosocket bench`: a server's throughput, and its latency at that load.
#include "cli/call_body.hpp"
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/load/load.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <boost/json/parse.hpp>

#include <sys/resource.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace echosocket::cli {

namespace {

load::options as_options(const bench_command& command) {
    load::options wanted;
    wanted.address = command.server.address;
    wanted.task = command.task;
    wanted.connections = command.connections;
    wanted.depth = command.depth;
    wanted.payload = command.size;
    wanted.rate = command.rate;
    wanted.duration = command.duration;
    wanted.warm_up = std::min(command.duration / 5, std::chrono::milliseconds(500));
    wanted.deadline_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(command.server.timeout.count(), UINT32_MAX));
    auto body = body_of(command.data.value_or(""));
    wanted.body_is_json = body.type == content_type::json;
    wanted.body = std::move(body.bytes);
    wanted.expected = command.expected.value_or("");
    wanted.check = command.expected         ? load::answer_check::fixed
                   : command.task == "echo" ? load::answer_check::same_as_request
                                            : load::answer_check::success;
    return wanted;
}

/// One ordinary call first: its failure is reported better than thousands of failures under load.
asio::awaitable<exit_code> try_one_call(const bench_command& command) {
    const time_budget budget(command.server.timeout);
    auto connected = co_await connect_within(command.server.address, budget);
    if (!connected)
        co_return report_failure(command.server, connected.error(),
                                 connect_sentence(command.server, connected.error()));
    call_options options;
    options.timeout = budget.for_call();
    auto body = body_of(command.data.value_or(std::string(command.size, 'e')));
    const auto reply = co_await connected->call_raw(command.task, std::move(body), std::move(options));
    co_await connected->close();
    if (reply) co_return exit_code::ok;
    co_return report_failure(command.server, reply.error(), call_sentence(command.server, command.task, reply.error()));
}

std::string rounded(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.0f", value);
    return text.data();
}

std::string latency_at(const load::report& outcome, double share) {
    return format_duration(std::chrono::nanoseconds(outcome.latency.value_at(share)));
}

std::string as_table(const bench_command& command, const load::report& outcome) {
    const auto on_each = command.rate > 0 ? rounded(command.rate) + " requests/s due"
                                          : std::to_string(command.depth) + " requests under way on each";
    std::vector<table_row> rows{
        {"load", std::to_string(command.connections) + (command.connections == 1 ? " connection, " : " connections, ") +
                     on_each},
        {"answers", std::to_string(outcome.answers) + ", " + rounded(outcome.rate()) + " per second"},
        {"median", latency_at(outcome, 0.5)},
        {"90 %", latency_at(outcome, 0.9)},
        {"99 %", latency_at(outcome, 0.99)},
        {"99.9 %", latency_at(outcome, 0.999)},
        {"longest", format_duration(std::chrono::nanoseconds(outcome.latency.max()))}};
    if (command.connections > 1)
        rows.push_back({"fairness", std::to_string(outcome.slowest_connection) + " to " +
                                        std::to_string(outcome.fastest_connection) + " answers per connection"});
    rows.push_back({"own load", rounded(100 * outcome.cpu) + " % of a core" +
                                    (outcome.cpu > 0.9 ? ": this program, not the server, may be the limit" : "")});
    return format_table(rows, 20);
}

exit_code report_outcome(const bench_command& command, const load::report& outcome) {
    const auto printed = command.server.json ? print_json(boost::json::parse(load::to_json(outcome, false)))
                                             : print_result(as_table(command, outcome));
    if (printed != exit_code::ok || outcome.all_right()) return printed;
    const auto what =
        outcome.wrong > 0
            ? std::to_string(outcome.wrong) + " wrong answers, the first: " + outcome.first_wrong
            : std::to_string(outcome.unanswered) + " requests were not answered within a second of the end";
    if (!command.server.json) complain(one_line(what));
    return exit_code::task_failed;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // if this fails, connecting reports it
}

}  // namespace

exit_code bench(const bench_command& command) {
    raise_descriptor_limit();
    const auto tried = run_to_end(try_one_call(command));
    if (tried != exit_code::ok) return tried;
    const auto outcome = load::run(as_options(command));
    if (!outcome) return report_failure(command.server, outcome.error(), outcome.error().message());
    return report_outcome(command, *outcome);
}

}  // namespace echosocket::cli
