#include "cli/report.hpp"

#include "cli/output.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <echosocket/codec.hpp>

#include <cmath>

namespace echosocket::cli {

namespace {

std::string or_message(const failure& why) {
    return why.detail.empty() ? why.message() : why.detail;
}

exit_code outcome_of(bool printed) {
    if (printed) return exit_code::ok;
    complain("standard output takes no more");
    return exit_code::output_failed;
}

std::string in_quotes(std::string_view name) {
    return "'" + std::string(name) + "'";
}

}  // namespace

exit_code exit_code_of(const failure& why) noexcept {
    if (why.origin == failure_origin::task) return exit_code::task_failed;
    if (why.code == errc::invalid_address || why.code == errc::invalid_name) return exit_code::usage;
    if (why.code == errc::deadline_exceeded) return exit_code::timed_out;
    return is_connection_error(why) ? exit_code::no_server : exit_code::task_failed;
}

bool was_interrupted(const failure& why) noexcept {
    return why.code == errc::cancelled && why.origin == failure_origin::this_end;
}

bool is_unknown_task(const failure& why) noexcept {
    return why.code == errc::unknown_task && why.origin != failure_origin::task;
}

std::string connect_sentence(const target& server, const failure& why) {
    switch (why.code) {
        case errc::connect_timeout:
        case errc::hello_timeout:
            return "no answer from " + server.address + " within " + format_duration(server.timeout);
        case errc::not_echosocket:
            return "what answers at " + server.address + " is no EchoSocket server: " + or_message(why);
        case errc::refused:
            return server.address + " turned the connection away: " + or_message(why);
        case errc::connect_failed:
        case errc::resolve_failed:
            return "no server there: " + or_message(why);
        case errc::invalid_address:
            return or_message(why);
        default:
            return "no connection to " + server.address + ": " + why.message();
    }
}

std::string call_sentence(const target& server, std::string_view task, const failure& why) {
    const auto failed = in_quotes(task) + " failed: " + why.message();
    if (why.origin == failure_origin::task) return failed;
    if (is_connection_error(why)) return "the connection to " + server.address + " was lost: " + or_message(why);
    if (why.code == errc::deadline_exceeded && server.timeout != std::chrono::milliseconds::zero())
        return "no reply from " + in_quotes(task) + " within " + format_duration(server.timeout);
    if (why.code == errc::overloaded || why.code == errc::shutting_down)
        return in_quotes(task) + " was not started: " + or_message(why);
    return failed;
}

std::string unknown_task_sentence(const target& server, std::string_view task,
                                  const std::optional<std::string>& meant) {
    auto sentence = "no task " + in_quotes(task);
    if (meant) return sentence + "; did you mean " + in_quotes(*meant) + "?";
    return sentence + "; `echosocket list " + server.address + "` shows what there is";
}

boost::json::object failure_json(const failure& why) {
    return {{"ok", false},
            {"error",
             {{"code", name_of(why.code)},
              {"detail", why.detail},
              {"retryable", why.retryable},
              {"started", why.started},
              {"origin", name_of(why.origin)}}}};
}

std::string json_text(const boost::json::value& value) {
    return printable_json(encode_arguments(value).bytes);
}

double json_ms(std::chrono::nanoseconds length) noexcept {
    return std::round(static_cast<double>(length.count()) / 1e3) / 1e3;
}

exit_code report_failure(const target& server, const failure& why, std::string_view sentence) {
    if (!server.json) {
        complain(sentence);
        return exit_code_of(why);
    }
    const auto printed = print_json(failure_json(why));
    return printed == exit_code::ok ? exit_code_of(why) : printed;
}

exit_code print_json(const boost::json::value& value) {
    return print_result(json_text(value) + '\n');
}

exit_code print_result(std::string_view text) {
    return outcome_of(print(text));
}

exit_code print_body(std::string_view bytes) {
    body_printer printer;
    return outcome_of(printer.write(bytes) && printer.finish());
}

}  // namespace echosocket::cli
