// `echosocket list`: shows a server's tasks.
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace echosocket::cli {

namespace {

/// `put(string) takes bytes`
std::string signature(const offered_task& task) {
    auto shown = one_line(task.name) + '(' + one_line(task.arguments) + ')';
    if (!task.takes.empty()) shown += " takes " + one_line(task.takes);
    if (!task.sends.empty()) shown += (task.takes.empty() ? " sends " : ", sends ") + one_line(task.sends);
    return shown;
}

std::string as_table(const std::vector<offered_task>& tasks) {
    std::vector<table_row> rows;
    for (const auto& task : tasks)
        rows.push_back({signature(task), "-> " + one_line(task.returns), one_line(task.description)});
    return format_table(rows);
}

asio::awaitable<exit_code> print_tasks(const target& server) {
    const time_budget budget(server.timeout);
    auto connected = co_await connect_within(server.address, budget);
    if (!connected) co_return report_failure(server, connected.error(), connect_sentence(server, connected.error()));
    call_options options;
    options.timeout = budget.for_call();
    encoded_body nothing;
    auto reply = co_await connected->call_raw("$tasks", std::move(nothing), std::move(options));
    if (!reply) co_return report_failure(server, reply.error(), call_sentence(server, "$tasks", reply.error()));
    const auto tasks = read_tasks(reply->body);
    if (!tasks) co_return report_failure(server, tasks.error(), call_sentence(server, "$tasks", tasks.error()));
    if (server.json) co_return print_json(boost::json::parse(reply->body));
    co_return print_result(as_table(*tasks));
}

}  // namespace

exit_code list(const target& server) {
    return run_to_end(print_tasks(server));
}

}  // namespace echosocket::cli
