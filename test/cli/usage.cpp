#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::testing;

namespace {

void is_misuse(const words& arguments, const std::string& told) {
    const auto reply = run(arguments);
    BOOST_TEST_CONTEXT(told) {
        BOOST_TEST(reply.code == 64);
        BOOST_TEST(reply.out == "");
        BOOST_TEST(reply.err.find(told) != std::string::npos, reply.err);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(usage)

BOOST_AUTO_TEST_CASE(version_tells_name_and_number) {
    const auto reply = run({"--version"});
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out.starts_with("echosocket "));
    BOOST_TEST(reply.out.find('.') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_names_every_command_and_every_exit_code) {
    const auto reply = run({"--help"});
    BOOST_TEST(reply.code == 0);
    for (const auto* word : {"serve", "call", "list", "ping", "repl", "stats", "listen", "notify", "chat", "send",
                             "get", "Exit codes", "64"})
        BOOST_TEST(reply.out.find(word) != std::string::npos, word);
}

BOOST_AUTO_TEST_CASE(every_command_has_help) {
    for (const auto* command :
         {"serve", "call", "list", "ping", "repl", "stats", "listen", "notify", "chat", "send", "get"}) {
        const auto reply = run({command, "--help"});
        BOOST_TEST(reply.code == 0);
        BOOST_TEST(reply.out.find("ADDRESS") != std::string::npos, command);
    }
}

BOOST_AUTO_TEST_CASE(a_command_line_that_makes_no_sense_is_exit_code_64) {
    is_misuse({}, "subcommand");
    is_misuse({"frobnicate"}, "there is no command 'frobnicate'");
    is_misuse({"cal", "127.0.0.1:1", "echo"}, "did you mean 'call'?");
    is_misuse({"call"}, "ADDRESS");
    is_misuse({"call", "127.0.0.1:1"}, "TASK");
    is_misuse({"call", "127.0.0.1:1", "echo", "a", "b"}, "b");
    is_misuse({"call", "127.0.0.1:1", "echo", "a", "-5"}, "-5");
    is_misuse({"call", "127.0.0.1:1", "echo", "--tiemout", "5s"}, "--tiemout");
    is_misuse({"call", "--timeout", "soon", "127.0.0.1:1", "echo"}, "'soon' is no duration");
    is_misuse({"ping", "-c", "many", "127.0.0.1:1"}, "many");
    is_misuse({"serve", "--threads", "0"}, "threads");
    is_misuse({"serve", "--port", "65536"}, "port");
    is_misuse({"serve", "--download-limit", "big"}, "'big' is no size");
    is_misuse({"serve", "--quiet", "--verbose"}, "excludes");
    is_misuse({"serve", "--files-limit", "big"}, "'big' is no size");
    is_misuse({"serve", "--files-quota", "big"}, "'big' is no size");
    is_misuse({"serve", "--download-quota", "big"}, "'big' is no size");
}

BOOST_AUTO_TEST_CASE(the_two_way_commands_want_all_they_need) {
    is_misuse({"listen"}, "ADDRESS");
    is_misuse({"notify", "127.0.0.1:1"}, "TOPIC");
    is_misuse({"notify", "127.0.0.1:1", "news"}, "DATA");
    is_misuse({"notify", "127.0.0.1:1", "news", "a", "b"}, "b");
    is_misuse({"chat", "127.0.0.1:1"}, "NAME");
    is_misuse({"chat", "127.0.0.1:1", "Ada"}, "ROOM");
    is_misuse({"send", "127.0.0.1:1"}, "FILE");
    is_misuse({"send", "127.0.0.1:1", "-"}, "NAME");
    is_misuse({"get", "127.0.0.1:1"}, "NAME");
    is_misuse({"get", "127.0.0.1:1", ".."}, "'..' is no name");
    is_misuse({"get", "--json", "127.0.0.1:1", "a", "-"}, "exclude each other");
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_exit_code_64) {
    is_misuse({"call", "nonsense", "echo"}, "nonsense");
    is_misuse({"list", "127.0.0.1:99999"}, "99999");
    is_misuse({"serve", "nonsense"}, "nonsense");
    is_misuse({"listen", "nonsense"}, "nonsense");
    is_misuse({"notify", "nonsense", "news", "x"}, "nonsense");
    is_misuse({"chat", "nonsense", "Ada", "lobby"}, "nonsense");
}

BOOST_AUTO_TEST_CASE(a_config_that_the_server_refuses_is_exit_code_64) {
    is_misuse({"serve", "127.0.0.1:0", "--name", ""}, "name");
    is_misuse({"serve", "127.0.0.1:0", "--allow-execute", "no-such-program-here"}, "no-such-program-here");
    is_misuse({"serve", "127.0.0.1:0", "--download-dir", "/no/such/directory"}, "/no/such/directory");
    is_misuse({"serve", "127.0.0.1:0", "--download-from", "10.0.0.0/33"}, "--download-from: '10.0.0.0/33'");
    is_misuse({"serve", "127.0.0.1:0", "--files", "/no/such/directory"}, "--files: '/no/such/directory'");
}

BOOST_AUTO_TEST_SUITE_END()
