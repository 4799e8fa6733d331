// `echosocket stats`: shows a server's figures.
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

std::uint64_t number(const json::object& figures, std::string_view key) {
    boost::system::error_code error;
    const auto* value = figures.if_contains(key);
    const auto count = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
    return error ? 0 : count;
}

std::string count(const json::object& figures, std::string_view key) {
    return std::to_string(number(figures, key));
}

/// One row for each reason; the first row has the title.
void add_reasons(std::vector<table_row>& rows, const json::object& figures, std::string_view key) {
    const auto* value = figures.if_contains(key);
    const auto* reasons = value != nullptr ? value->if_object() : nullptr;
    if (reasons == nullptr) return;
    std::string title(key);
    for (const auto& reason : *reasons) {
        rows.push_back({title, one_line(reason.key()) + ' ' + count(*reasons, reason.key())});
        title.clear();
    }
}

std::string as_table(const json::object& figures, const std::string& name) {
    std::vector<table_row> rows{
        {"server", one_line(name)},
        {"uptime", format_duration(std::chrono::milliseconds(number(figures, "uptime_ms")))},
        {"connections", count(figures, "connections") + " open, " + count(figures, "accepted") + " accepted"},
        {"calls", count(figures, "calls") + ", of which " + count(figures, "failed") + " failed and " +
                      count(figures, "running_calls") + " running"},
        {"notifications", count(figures, "notifications_in") + " received, " + count(figures, "notifications_out") +
                              " sent, " + count(figures, "dropped") + " dropped, to " + count(figures, "groups") +
                              " groups"},
        {"received", format_size(number(figures, "bytes_in"))},
        {"sent", format_size(number(figures, "bytes_out"))},
        {"queued", format_size(number(figures, "queued_bytes"))},
        {"memory held", format_size(number(figures, "memory"))}};
    if (number(figures, "exceptions") != 0) rows.push_back({"exceptions", count(figures, "exceptions")});
    add_reasons(rows, figures, "closed");
    add_reasons(rows, figures, "refused");
    return format_table(rows);
}

asio::awaitable<exit_code> print_figures(const target& server) {
    const time_budget budget(server.timeout);
    auto connected = co_await connect_within(server.address, budget);
    if (!connected) co_return report_failure(server, connected.error(), connect_sentence(server, connected.error()));
    call_options options;
    options.timeout = budget.for_call();
    auto reply = co_await connected->call<json::value>(std::move(options), "$stats");
    if (!reply) co_return report_failure(server, reply.error(), call_sentence(server, "$stats", reply.error()));
    if (server.json) co_return print_json(*reply);
    const auto* figures = reply->if_object();
    const failure odd(errc::bad_reply, "the server's figures can't be read");
    if (figures == nullptr) co_return report_failure(server, odd, odd.message());
    co_return print_result(as_table(*figures, connected->server_name()));
}

}  // namespace

exit_code stats(const target& server) {
    return run_to_end(print_figures(server));
}

}  // namespace echosocket::cli
