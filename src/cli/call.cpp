// `echosocket call`: makes one call and prints its reply with nothing added.
#include "cli/body_json.hpp"
#include "cli/call_body.hpp"
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/nearest_name.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/standard_input.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

std::string report_reply(const raw_reply& reply, double ms) {
    json::object report{{"ok", true}};
    add_body(report, "reply", reply.body, reply.type);
    report.emplace("ms", ms);
    return json_text(report);
}

/// The closest of the server's task names; asking for them must not make a failed call much slower.
asio::awaitable<std::optional<std::string>> guess_meant(client server, std::string wanted, const time_budget& budget) {
    constexpr std::chrono::milliseconds patience{2'000};
    auto tasks = co_await fetch_tasks(std::move(server), std::min(budget.left().value_or(patience), patience));
    if (!tasks) co_return std::nullopt;
    co_return nearest_name(wanted, names_of(*tasks));
}

exit_code report_unknown_task(const call_command& command, const failure& why,
                              const std::optional<std::string>& meant) {
    if (!command.server.json || !meant)
        return report_failure(command.server, why, unknown_task_sentence(command.server, command.task, meant));
    auto report = failure_json(why);
    report["error"].get_object().emplace("did_you_mean", *meant);
    const auto printed = print_json(report);
    return printed == exit_code::ok ? exit_code_of(why) : printed;
}

asio::awaitable<exit_code> call_once(const call_command& command, std::string data) {
    const time_budget budget(command.server.timeout);
    auto connected = co_await connect_within(command.server.address, budget);
    if (!connected)
        co_return report_failure(command.server, connected.error(),
                                 connect_sentence(command.server, connected.error()));
    const client server = std::move(*connected);
    const time_budget call_time(std::chrono::milliseconds::zero());
    call_options options;
    options.timeout = budget.for_call();
    auto body = body_of(std::move(data));
    auto reply = co_await server.call_raw(command.task, std::move(body), std::move(options));
    const double ms = json_ms(call_time.used());
    if (reply && command.server.json) co_return print_result(report_reply(*reply, ms) + '\n');
    if (reply) co_return print_body(reply->body);
    const failure& why = reply.error();
    if (!is_unknown_task(why))
        co_return report_failure(command.server, why, call_sentence(command.server, command.task, why));
    const auto meant = co_await guess_meant(server, command.task, budget);
    co_return report_unknown_task(command, why, meant);
}

}  // namespace

exit_code call(const call_command& command) {
    std::string data = command.data.value_or("");
    if (data == "-") {
        auto input = read_standard_input();
        if (!input) return exit_code::output_failed;
        data = std::move(*input);
    }
    return run_to_end(call_once(command, std::move(data)));
}

}  // namespace echosocket::cli
