// `echosocket ping`: measures round trips.
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "cli/use_result.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

namespace echosocket::cli {

namespace {

namespace json = boost::json;
using std::chrono::nanoseconds;

struct round_trips {
    unsigned sent = 0;
    std::vector<nanoseconds> times;
    std::optional<failure> last_failure;

    [[nodiscard]] std::vector<nanoseconds> sorted() const {
        auto all = times;
        std::ranges::sort(all);
        return all;
    }
};

nanoseconds median(const std::vector<nanoseconds>& sorted) {
    const auto middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::string summary_line(const round_trips& trips) {
    auto line = std::to_string(trips.sent) + " sent, " + std::to_string(trips.times.size()) + " answered";
    const auto sorted = trips.sorted();
    if (!sorted.empty())
        line += "; min " + format_duration(sorted.front()) + ", median " + format_duration(median(sorted)) + ", max " +
                format_duration(sorted.back());
    return line + '\n';
}

json::object summary_json(const round_trips& trips) {
    const auto sorted = trips.sorted();
    json::object summary{
        {"ok", !trips.last_failure && !sorted.empty()}, {"sent", trips.sent}, {"answered", trips.times.size()}};
    if (!sorted.empty()) {
        summary["min_ms"] = json_ms(sorted.front());
        summary["median_ms"] = json_ms(median(sorted));
        summary["max_ms"] = json_ms(sorted.back());
    }
    json::array each;
    for (const auto time : trips.times) each.emplace_back(json_ms(time));
    summary["ms"] = std::move(each);
    if (trips.last_failure) summary["error"] = failure_json(*trips.last_failure)["error"];
    return summary;
}

asio::awaitable<result<nanoseconds>> ping_once(client server, std::string payload, std::chrono::milliseconds timeout) {
    call_options options;
    options.timeout = timeout;
    const auto begin = std::chrono::steady_clock::now();
    auto reply = co_await server.call<std::string>(std::move(options), "$ping", payload);
    const auto time = std::chrono::steady_clock::now() - begin;
    if (!reply) co_return reply.error();
    if (*reply != payload) co_return failure(errc::bad_reply, "the server answered other bytes than it was sent");
    co_return nanoseconds(time);
}

/// Pings until all are answered or a failure ends the connection.
asio::awaitable<exit_code> ping_all(const ping_command& command, client server, round_trips& trips) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    while (command.count == 0 || trips.sent < command.count) {
        if (trips.sent != 0) {
            pause.expires_after(command.interval);
            co_await pause.async_wait(asio::use_awaitable);
        }
        auto payload = "ping " + std::to_string(++trips.sent);
        auto time = co_await ping_once(server, std::move(payload), command.server.timeout);
        if (!time && was_interrupted(time.error())) break;
        if (time) trips.times.push_back(*time);
        const auto line = time ? "reply from " + command.server.address + " in " + format_duration(*time)
                               : call_sentence(command.server, "$ping", time.error());
        const auto printed = command.server.json ? exit_code::ok : print_result(one_line(line) + '\n');
        if (printed != exit_code::ok) co_return printed;
        if (!time) trips.last_failure = time.error();
        if (!time && is_connection_error(time.error())) break;
    }
    co_return exit_code::ok;
}

asio::awaitable<exit_code> connect_and_ping(const ping_command& command) {
    using namespace asio::experimental::awaitable_operators;
    const time_budget budget(command.server.timeout);
    auto connected = co_await connect_within(command.server.address, budget);
    if (!connected)
        co_return report_failure(command.server, connected.error(),
                                 connect_sentence(command.server, connected.error()));
    round_trips trips;
    const auto executor = co_await asio::this_coro::executor;
    asio::signal_set interrupt(executor, SIGINT);
    auto either = ping_all(command, *connected, trips) || interrupt.async_wait(use_result);
    const auto first = co_await std::move(either);
    if (first.index() == 0 && std::get<0>(first) != exit_code::ok) co_return std::get<0>(first);
    const auto printed = command.server.json ? print_json(summary_json(trips)) : print_result(summary_line(trips));
    if (printed != exit_code::ok) co_return printed;
    if (trips.last_failure) co_return exit_code_of(*trips.last_failure);
    co_return exit_code::ok;
}

}  // namespace

exit_code ping(const ping_command& command) {
    return run_to_end(connect_and_ping(command));
}

}  // namespace echosocket::cli
