// What a server writes into its texts to harm a terminal or to fake lines, for every command that shows them.
#include "cli/text.hpp"
#include "support/played_server.hpp"
#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace echosocket::testing;

namespace json = boost::json;

namespace {

using raw::frame_kind;

bool turns_direction(char32_t c) {
    return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/// Each character that does harm, and a line that the server would like the command to have said.
std::string harmful_text() {
    std::string text = "\x1b]0;owned\a\r\nFAKE\n";
    for (char32_t c = 1; c != 0x20; ++c) cli::append_code_point(text, c);
    for (char32_t c = 0x7f; c != 0xa0; ++c) cli::append_code_point(text, c);
    for (char32_t c = 0x600; c != 0x2070; ++c)
        if (turns_direction(c) || c == 0x2028 || c == 0x2029) cli::append_code_point(text, c);
    return text + "end";
}

/// For what is not JSON and may be any bytes.
std::string harmful_bytes() {
    return harmful_text() + "\x80\xff\xc2 \xed\xa0\x80 \xc0\x9b" + std::string(1, '\0');
}

/// A name has at most 255 bytes.
std::string harmful_name() {
    return "\x1b[2J\nFAKE\x7f\u009b\u202e\u2066\u200f";
}

/// The first harmful thing in what a command printed; empty if there is none.
std::string harm_in(std::string_view printed) {
    std::string_view rest = printed;
    while (!rest.empty()) {
        const auto at = std::to_string(printed.size() - rest.size());
        const auto c = cli::take_code_point(rest);
        if (!c) return "invalid UTF-8 at " + at;
        const bool control = (*c < 0x20 && *c != '\n' && *c != '\t') || (*c >= 0x7f && *c < 0xa0);
        if (control || turns_direction(*c) || *c == 0x2028 || *c == 0x2029)
            return "U+" + std::to_string(static_cast<unsigned>(*c)) + " (decimal) at " + at;
    }
    return "";
}

bool fakes_a_line(std::string_view printed) {
    return printed.find("\nFAKE") != std::string_view::npos;
}

void check(const ended& command, const words& arguments, bool is_json) {
    std::string line;
    for (const auto& word : arguments) line += word + ' ';
    BOOST_TEST_CONTEXT(line) {
        BOOST_TEST(harm_in(command.out) == "");
        BOOST_TEST(harm_in(command.err) == "");
        BOOST_TEST(!fakes_a_line(command.err));
        // A reply in `repl` is shown with its lines, as `call` prints it.
        if (arguments[0] != "repl") BOOST_TEST(!fakes_a_line(command.out));
        BOOST_TEST(command.code != 70);
        if (!is_json || command.out.empty()) return;
        boost::system::error_code error;
        (void)json::parse(command.out.substr(0, command.out.find('\n')), error);
        BOOST_TEST(!error, command.out);
    }
}

struct untrusted_texts_fixture {
    temporary_directory here;
    std::string file = (here.path() / "file").string();

    untrusted_texts_fixture() { std::ofstream(file) << ""; }

    /// Every command with what it needs, in both forms. `listen` is not among them: it goes on for ever.
    std::vector<words> commands(const std::string& address) const {
        return {{"call", address, "task"},
                {"ping", "-c", "1", address},
                {"list", address},
                {"stats", address},
                {"notify", address, "topic"},
                {"chat", address, "Ada", "lobby"},
                {"send", address, file, "name"},
                {"get", address, "name", file},
                {"get", address, "name", "-"},
                {"bench", "-t", "10ms", address, "task"},
                {"repl", address}};
    }
    void check_all(const played_server& server) const {
        for (auto command : commands(server.address())) {
            command.insert(command.begin() + 1, {"--timeout", "10s"});
            check(run(command, "task\n/members\n"), command, false);
            if (command.back() == "-" || command[0] == "repl") continue;  // these know no JSON
            command.insert(command.begin() + 1, "--json");
            check(run(command, "task\n/members\n"), command, true);
        }
    }
    /// What `listen` prints up to `last` on standard error, or else up to its first line.
    static void check_listen(const played_server& server, std::string_view last = {}) {
        for (const bool as_json : {false, true}) {
            words command{"listen", server.address(), "topic"};
            if (as_json) command.emplace_back("--json");
            program listener(command);
            ended all;
            if (last.empty()) all.out = listener.read_line() + '\n';
            if (!last.empty()) all.err = listener.read_error_past(last);
            listener.signal(SIGTERM);
            const auto rest = listener.wait();
            all.out += rest.out;
            all.err += rest.err;
            all.code = rest.code;
            check(all, command, as_json);
        }
    }
};

std::string json_response(std::uint32_t id, const json::value& value) {
    return raw::bytes_of(
        {frame_kind::response, 0, id, raw::meta({.content_type = content_type::json}), json::serialize(value)});
}

std::string notification(std::string_view topic, const json::value& value) {
    return raw::bytes_of({frame_kind::notify, 0, 0, raw::meta({.name = topic, .content_type = content_type::json}),
                          json::serialize(value)});
}

std::string task_of(const wire::frame& request) {
    wire::meta records;
    return wire::parse_meta(request.meta, records) ? std::string(records.name) : std::string();
}

/// A server that answers well, with such texts everywhere.
std::string answer_with_harm(const wire::frame& f) {
    if (f.kind == frame_kind::hello) return raw::hello({.name = harmful_name()});
    if (f.kind != frame_kind::request) return {};
    const auto harm = harmful_text();
    const auto task = task_of(f);
    if (task == "$tasks")
        return json_response(f.id, json::array{json::object{{"name", harm},
                                                            {"arguments", harm},
                                                            {"returns", harm},
                                                            {"takes", harm},
                                                            {"sends", harm},
                                                            {"description", harm}}});
    if (task == "$stats") return json_response(f.id, json::object{{"closed", json::object{{harm, 1}}}});
    if (task == "$subscribe") return raw::response(f.id, {}) + notification(harmful_name(), json::object{{harm, harm}});
    if (task == "chat_join" || task == "chat_members")
        return notification("chat",
                            json::object{{"room", "lobby"}, {"event", "left"}, {"name", harm}, {"text", harm}}) +
               json_response(f.id, json::array{harm});
    if (task == "get" || task == "put")
        return json_response(f.id, json::object{{"name", harm}, {"bytes", 0}, {"crc32", "00000000"}});
    return raw::response(f.id, harmful_bytes());
}

std::string refuse_with_harm(const wire::frame& f) {
    if (f.kind == frame_kind::hello) return raw::hello({.name = harmful_name()});
    return f.kind == frame_kind::request ? raw::error(f.id, errc::application, harmful_bytes()) : "";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(untrusted_texts, untrusted_texts_fixture)

BOOST_AUTO_TEST_CASE(those_of_errors_are_harmless_on_every_command) {
    const played_server server(refuse_with_harm);
    check_all(server);
    for (const bool as_json : {false, true}) {
        words command{"listen", server.address()};
        if (as_json) command.emplace_back("--json");
        check(run(command), command, as_json);
    }
}

BOOST_AUTO_TEST_CASE(those_of_a_refused_connection_are_harmless_on_every_command) {
    const played_server server([](const wire::frame&) { return raw::error(0, errc::refused, harmful_bytes()); });
    check_all(server);
}

BOOST_AUTO_TEST_CASE(those_of_a_connection_that_the_server_ends_are_harmless_on_every_command) {
    const played_server server([](const wire::frame& f) {
        if (f.kind == frame_kind::hello) return raw::hello({.name = harmful_name()});
        return f.kind == frame_kind::request ? raw::error(0, errc::abusive, harmful_bytes()) : "";
    });
    check_all(server);
    const played_server subscribed([](const wire::frame& f) {
        if (f.kind == frame_kind::hello) return raw::hello();
        if (f.kind != frame_kind::request) return std::string();
        return raw::response(f.id, {}) + raw::error(0, errc::abusive, harmful_bytes());
    });
    check_listen(subscribed, "trying again\n");
}

BOOST_AUTO_TEST_CASE(those_of_answers_are_harmless_on_every_command) {
    const played_server server(answer_with_harm);
    for (const auto& command : commands(server.address())) {
        if (command[0] == "call") continue;  // to a pipe, a reply is its bytes
        check(run(command, "task\n/members\n"), command, false);
        if (command.back() == "-" || command[0] == "repl") continue;
        auto in_json = command;
        in_json.insert(in_json.begin() + 1, "--json");
        check(run(in_json, "task\n/members\n"), in_json, true);
    }
    check(run({"call", "--json", server.address(), "task"}), {"call", "--json"}, true);
    check_listen(server);
}

BOOST_AUTO_TEST_CASE(json_still_tells_them_in_full) {
    const played_server server([](const wire::frame& f) {
        return f.kind == frame_kind::hello ? raw::hello() : raw::error(f.id, errc::application, harmful_text());
    });
    const auto report = json::parse(run({"call", "--json", server.address(), "task"}).out);
    BOOST_TEST((report.at("error").at("detail").as_string() == harmful_text()));
}

BOOST_AUTO_TEST_CASE(a_reply_is_its_bytes_to_a_pipe_and_harmless_on_a_terminal) {
    const played_server server(answer_with_harm);
    BOOST_TEST((run({"call", server.address(), "task"}).out == harmful_bytes()));
    program caller({"call", server.address(), "task"}, program::streams::terminal);
    const auto shown = caller.wait();
    BOOST_TEST(shown.code == 0);
    BOOST_TEST(shown.out.find("\\x1b]0;owned\\x07\\x0d") != std::string::npos, shown.out);
    BOOST_TEST(shown.out.find('\x1b') == std::string::npos);
    BOOST_TEST(shown.out.find('\a') == std::string::npos);
    BOOST_TEST(shown.out.find("\u202e") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_for_standard_output_is_its_bytes_to_a_pipe_and_harmless_on_a_terminal) {
    const std::string half = "\xf0\x9f";  // of 😀, whose other half is in the next piece
    const auto bytes = "\x1b[2J" + half + "\x98\x80.";
    const played_server server([&](const wire::frame& f) {
        if (f.kind == frame_kind::hello) return raw::hello();
        if (f.kind != frame_kind::request) return std::string();
        if (task_of(f) != "get") return raw::response(f.id, "9");
        return raw::item(f.id, "\x1b[2J" + half) + raw::item(f.id, "\x98\x80.") +
               json_response(f.id, json::object{{"name", "name"}, {"bytes", 9}, {"crc32", "00000000"}});
    });
    BOOST_TEST((run({"get", server.address(), "name", "-"}).out == bytes));
    program getter({"get", server.address(), "name", "-"}, program::streams::terminal);
    getter.read_past("\\x1b[2J");  // the progress bar is drawn between the pieces
    getter.read_past("😀.");
}

BOOST_AUTO_TEST_SUITE_END()
