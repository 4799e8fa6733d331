// `echosocket notify`: sends one notification and makes sure that the server has it.
#include "cli/call_body.hpp"
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/standard_input.hpp"

#include <boost/json/object.hpp>

#include <utility>

namespace echosocket::cli {

namespace {

asio::awaitable<exit_code> notify_once(const notify_command& command, std::string data) {
    const time_budget budget(command.server.timeout);
    auto connected = co_await connect_within(command.server.address, budget);
    if (!connected)
        co_return report_failure(command.server, connected.error(),
                                 connect_sentence(command.server, connected.error()));
    const auto told = connected->peer().notify_raw(command.topic, body_of(std::move(data)));
    if (!told) co_return report_failure(command.server, told.error(), told.error().message());
    // A notification has no answer; a call that follows it on the same connection is answered after it has arrived.
    call_options options;
    options.timeout = budget.for_call();
    auto arrived = co_await connected->call<void>(options, "$ping");
    if (!arrived)
        co_return report_failure(command.server, arrived.error(),
                                 call_sentence(command.server, "$ping", arrived.error()));
    co_await connected->close();
    if (!command.server.json) co_return exit_code::ok;
    co_return print_json(boost::json::object{{"ok", true}, {"ms", json_ms(budget.used())}});
}

}  // namespace

exit_code notify(const notify_command& command) {
    auto data = command.data;
    if (data == "-") {
        auto input = read_standard_input();
        if (!input) return exit_code::output_failed;
        data = std::move(*input);
    }
    return run_to_end(notify_once(command, std::move(data)));
}

}  // namespace echosocket::cli
