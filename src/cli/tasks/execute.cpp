#include "cli/tasks/execute.hpp"

#include "cli/tasks/child_process.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "cli/words.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <utility>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t most_quoted_output = 1024;  // bytes of a failed program's output that its caller gets

struct collected {
    std::string text;
    bool too_much = false;
};

failure bad_words() {
    return {errc::bad_request, "expected a command line, or a JSON array of words such as [\"ls\", \"-l\"]"};
}

asio::awaitable<void> collect(child_process& program, collected& output) {
    std::array<char, 16 * 1024> chunk;
    for (;;) {
        const auto bytes = co_await program.read_output(asio::buffer(chunk));
        if (bytes == 0) co_return;
        if (output.text.size() + bytes > most_output) {
            output.too_much = true;
            program.kill();
            co_return;
        }
        output.text.append(chunk.data(), bytes);
    }
}

/// The last lines that fit, in a form that is safe to show.
std::string end_of(std::string_view output) {
    while (output.ends_with('\n')) output.remove_suffix(1);
    if (output.size() > most_quoted_output) output.remove_prefix(output.size() - most_quoted_output);
    return printable(output);
}

failure describe_end(const std::string& name, exit_status status, std::string_view output) {
    if (status.how == exit_status::kind::not_started)
        return {errc::task_failed, name + " could not be started: " + std::strerror(status.value)};
    const bool signalled = status.how == exit_status::kind::signalled;
    auto text = name + (signalled ? " was ended by signal " : " exited with status ") + std::to_string(status.value);
    if (signalled) text += std::string(" (") + ::strsignal(status.value) + ')';
    if (const auto end = end_of(output); !end.empty()) text += ": " + end;
    return {errc::task_failed, text};
}

failure describe_flood(const std::string& name) {
    return {errc::message_too_large, name + " wrote more than " + format_size(most_output) + " and was killed"};
}

asio::awaitable<result<std::string>> run(const std::string& path, const std::vector<std::string>& words) {
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    auto started = child_process::start(executor, path, words);
    if (!started) co_return started.error();
    auto& program = **started;
    collected output;
    std::exception_ptr cut_short;
    try {
        auto whole_run = collect(program, output) && program.wait_for_end();
        co_await std::move(whole_run);
    } catch (...) {
        cut_short = std::current_exception();
    }
    if (cut_short) {
        // Cancelled, or the pipe broke: the call must not end before the program has.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await program.terminate(termination_grace);
        static_cast<void>(program.reap());
        std::rethrow_exception(cut_short);
    }
    const auto status = program.reap();
    failure failed = output.too_much ? describe_flood(words[0]) : describe_end(words[0], status, output.text);
    failed.started = status.how != exit_status::kind::not_started;
    if (output.too_much || status.how != exit_status::kind::exited || status.value != 0) co_return failed;
    co_return std::move(output.text);
}

}  // namespace

result<std::vector<std::string>> parse_command_line(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return bad_words();
    if (line[begin] != '[') return split_words(line);
    boost::system::error_code error;
    const auto parsed = json::parse(line, error);
    const auto* list = error ? nullptr : parsed.if_array();
    // A typed caller that passes one list as its only argument sends a list with that list in it.
    if (list != nullptr && list->size() == 1 && list->front().is_array()) list = &list->front().get_array();
    if (list == nullptr || list->empty()) return bad_words();
    std::vector<std::string> words;
    for (const auto& word : *list) {
        if (!word.is_string()) return bad_words();
        words.emplace_back(word.get_string());
        if (words.back().find('\0') != std::string::npos)
            return failure(errc::bad_request, "a NUL byte can't be passed to a program");
    }
    return words;
}

asio::awaitable<result<std::string>> execute(const program_list& allowed, slots& programs, std::string_view line) {
    if (allowed.empty()) co_return allowed.path_of({}).error();
    auto words = parse_command_line(line);
    if (!words) co_return words.error();
    if (words->empty()) co_return bad_words();
    auto path = allowed.path_of(words->front());
    if (!path) co_return path.error();
    const auto place = programs.take();
    if (!place) co_return failure(errc::overloaded, "as many programs as allowed are running already");
    co_return co_await run(*path, *words);
}

}  // namespace echosocket::cli
