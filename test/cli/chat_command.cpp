#include "cli/keys.hpp"
#include "support/io_fixture.hpp"
#include "support/program.hpp"

#include <echosocket/client.hpp>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>

using namespace echosocket;
using namespace echosocket::testing;

namespace {

/// A chat program that has joined a room.
struct talker : program {
    talker(const served& server, const std::string& name, const std::string& room = "lobby",
           streams kind = streams::pipes)
        : program({"chat", server.address(), name, room}, kind) {
        entered = read_past("* you are in " + room + " at EchoSocket with ");
        read_past("\n");
    }

    std::string entered;
};

struct chat_terminal : talker {
    chat_terminal(const served& server, const std::string& name) : talker(server, name, "lobby", streams::terminal) {}

    void prompt() { read_past("> "); }
};

/// Somebody who is in no room, with all that was notified to them.
struct outsider : test::io_fixture {
    const served server;
    std::vector<std::string> heard;
    client_config config;
    client guest = *io_fixture::run([this] { return client::connect(server.address(), listening()); });

    const client_config& listening() {
        config.handlers.on_any_notify([this](task_context& notice, std::string_view text) {
            heard.push_back(std::string(notice.task()) + ' ' + std::string(text));
        });
        return config;
    }
    std::string subscribe(const std::vector<std::string>& topics) {
        const auto reply = io_fixture::run([&] { return guest.call("$subscribe", topics); });
        return reply ? "ok" : std::string(name_of(reply.error().code));
    }
    void leave() {
        io_fixture::run([this] { return guest.close(); });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(chat_command)

BOOST_AUTO_TEST_CASE(joins_words_and_leaves_come_to_all_in_one_order) {
    const served server;
    talker ada(server, "Ada");
    talker bob(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
    bob.type("Hello\n");
    BOOST_TEST(ada.read_line() == "Bob: Hello");
    BOOST_TEST(bob.read_line() == "Bob: Hello");
    ada.type("Hi  there \n\n");
    BOOST_TEST(ada.read_line() == "Ada: Hi  there");
    BOOST_TEST(bob.read_line() == "Ada: Hi  there");
    bob.type("/quit\n");
    BOOST_TEST(bob.wait().code == 0);
    BOOST_TEST(ada.read_line() == "* Bob left");
}

BOOST_AUTO_TEST_CASE(who_is_there_is_told_on_entering_and_when_asked) {
    const served server;
    talker ada(server, "Ada");
    program bob({"chat", server.address(), "Bob", "lobby"});
    BOOST_TEST(bob.read_line() == "* you are in lobby at EchoSocket with Ada, Bob");
    bob.type("/members\n");
    BOOST_TEST(bob.read_line() == "* here are Ada, Bob");
    BOOST_TEST(run({"call", server.address(), "chat_members", "lobby"}).out == R"(["Ada","Bob"])");
    BOOST_TEST(run({"call", server.address(), "chat_members", "cellar"}).out == "[]");
}

BOOST_AUTO_TEST_CASE(what_is_said_stays_in_its_room) {
    const served server;
    talker ada(server, "Ada");
    talker eve(server, "Eve", "cellar");
    eve.type("psst\n");
    BOOST_TEST(eve.read_line() == "Eve: psst");
    talker bob(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
}

BOOST_AUTO_TEST_CASE(all_that_was_piped_in_is_said_before_it_leaves) {
    const served server;
    talker ada(server, "Ada");
    const auto bob = run({"chat", server.address(), "Bob", "lobby"}, "one\ntwo\nthree");
    BOOST_TEST(bob.code == 0);
    for (const auto* line : {"* Bob joined", "Bob: one", "Bob: two", "Bob: three", "* Bob left"})
        BOOST_TEST(ada.read_line() == line);
}

BOOST_AUTO_TEST_CASE(a_signal_leaves_in_order) {
    const served server;
    talker ada(server, "Ada");
    for (const int signal : {SIGINT, SIGTERM}) {
        talker bob(server, "Bob");
        BOOST_TEST(ada.read_line() == "* Bob joined");
        bob.signal(signal);
        BOOST_TEST(bob.wait().code == 0);
        BOOST_TEST(ada.read_line() == "* Bob left");
    }
}

BOOST_AUTO_TEST_CASE(a_lost_connection_is_a_leave_with_its_reason) {
    const served server;
    talker ada(server, "Ada");
    talker bob(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
    bob.signal(SIGKILL);
    BOOST_TEST(ada.read_line().starts_with("* Bob left ("));
    talker again(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
}

BOOST_AUTO_TEST_CASE(a_name_is_borne_once_in_a_room) {
    const served server;
    talker ada(server, "Ada");
    const auto second = run({"chat", server.address(), "Ada", "lobby"});
    BOOST_TEST(second.code == 1);
    BOOST_TEST(second.out == "");
    BOOST_TEST(second.err.find("already") != std::string::npos, second.err);
    BOOST_TEST(run({"chat", server.address(), "Ada", "cellar"}).code == 0);
}

BOOST_AUTO_TEST_CASE(names_that_would_fool_a_reader_are_refused) {
    const served server;
    const std::vector<std::string> names{"", "a\nb", "\x1b[31m", "Ada: hi", " Ada", std::string(65, 'x')};
    for (const auto& name : names) {
        BOOST_TEST_CONTEXT("name: " << name) {
            const auto refused = run({"chat", server.address(), name, "lobby"});
            BOOST_TEST(refused.code == 1);
            BOOST_TEST(refused.err.find("expected a name") != std::string::npos, refused.err);
            BOOST_TEST(run({"chat", server.address(), "Ada", name}).code == 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_others_say_moves_no_terminal) {
    const served server;
    talker ada(server, "Ada");
    BOOST_TEST(server.call("chat_say", R"(["lobby","x"])").code == 1);
    talker bob(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
    bob.type("a\x1b[2Jb\n");
    BOOST_TEST(ada.read_line() == "Bob: a\\x1b[2Jb");
}

BOOST_AUTO_TEST_CASE(nobody_listens_to_a_room_without_being_seen_in_it) {
    const served server;
    talker ada(server, "Ada");
    const auto refused = run({"listen", server.address(), "chat/lobby"});
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(refused.err.find("not_allowed") != std::string::npos, refused.err);
    BOOST_TEST(refused.err.find("chat_join") != std::string::npos, refused.err);
    program everything({"listen", server.address()});
    everything.read_error_past("listening to ");
    ada.type("between us\n");
    BOOST_TEST(ada.read_line() == "Ada: between us");
    BOOST_TEST(run({"notify", server.address(), "news", "for all"}).code == 0);
    BOOST_TEST(everything.read_line() == "news\tfor all");
}

BOOST_FIXTURE_TEST_CASE(no_subscription_listens_to_a_room, outsider) {
    const std::vector<std::string> early{"chat/lobby"};
    BOOST_TEST(subscribe(early) == "not_allowed");  // nor before anybody is there
    talker ada(server, "Ada");
    const std::vector<std::vector<std::string>> refused{
        {"chat/lobby"}, {"news", "chat/lobby"}, {"chat/lobby", "news"}, {"*", "chat/lobby"}, {"chat/"}};
    for (const auto& topics : refused) BOOST_TEST(subscribe(topics) == "not_allowed");
    const std::vector<std::string> open{"*", "chat", "lobby", "/lobby"};
    BOOST_TEST(subscribe(open) == "ok");
    ada.type("between us\n");
    BOOST_TEST(ada.read_line() == "Ada: between us");
    talker bob(server, "Bob");
    BOOST_TEST(ada.read_line() == "* Bob joined");
    BOOST_TEST(testing::run({"call", server.address(), "chat_members", "lobby"}).out == R"(["Ada","Bob"])");
    BOOST_TEST(testing::run({"notify", server.address(), "news", "for all"}).code == 0);
    run_until([this] { return !heard.empty(); });
    BOOST_TEST(heard == std::vector<std::string>{"news for all"}, boost::test_tools::per_element());
    leave();
}

BOOST_AUTO_TEST_CASE(what_could_not_be_said_is_told_and_decides_the_exit_code) {
    const served server;
    const auto ended =
        run({"chat", server.address(), "Ada", "lobby"}, std::string(5000, 'x') + "\n/frobnicate\nafter\n");
    BOOST_TEST(ended.code == 1);
    BOOST_TEST(ended.err.find("not said") != std::string::npos, ended.err);
    BOOST_TEST(ended.err.find("there is no '/frobnicate'") != std::string::npos, ended.err);
    BOOST_TEST(ended.out.find("Ada: after\n") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_CASE(it_comes_back_into_the_room_when_the_server_does) {
    auto server = std::make_unique<served>();
    const auto address = server->address();
    talker ada(*server, "Ada");
    server->process().signal(SIGKILL);
    server->process().wait();
    ada.read_error_past("was lost");
    program again({"serve", address});
    again.read_line();
    ada.read_error_past("again");
    BOOST_TEST(ada.read_line() == "* you are in lobby at EchoSocket with Ada");
    ada.type("still here\n");
    BOOST_TEST(ada.read_line() == "Ada: still here");
}

BOOST_AUTO_TEST_CASE(without_a_server_it_ends_with_exit_code_2) {
    const auto reply = run({"chat", "unix:/nonexistent/echosocket", "Ada", "lobby"});
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err.starts_with("echosocket: no server there: "), reply.err);
}

BOOST_AUTO_TEST_CASE(a_line_being_typed_is_shown_again_below_what_comes) {
    const served server;
    chat_terminal ada(server, "Ada");
    ada.prompt();
    ada.type("half a sen");
    ada.read_past("half a sen");
    talker bob(server, "Bob");
    ada.read_past("\r\x1b[J* Bob joined\r\n");
    ada.read_past("> half a sen");
    ada.type("tence\n");
    ada.read_past("Ada: half a sentence\r\n");
    BOOST_TEST(bob.read_line() == "Ada: half a sentence");
}

BOOST_AUTO_TEST_CASE(a_line_of_several_rows_is_taken_away_whole) {
    const served server;
    chat_terminal ada(server, "Ada");
    ada.prompt();
    ada.type(std::string(250, 'x').append("end"));  // of a terminal 120 columns wide
    ada.read_past("end");
    talker bob(server, "Bob");
    ada.read_past("\x1b[2A\r\x1b[J* Bob joined\r\n");
    ada.read_past("end");
}

BOOST_AUTO_TEST_CASE(a_terminal_is_left_by_quit_by_ctrl_d_and_by_ctrl_c) {
    const served server;
    talker bob(server, "Bob");
    for (const auto* way : {"/quit\n", end_of_input, interrupt}) {
        chat_terminal ada(server, "Ada");
        ada.prompt();
        BOOST_TEST(bob.read_line() == "* Ada joined");
        ada.type(way);
        BOOST_TEST(ada.wait().code == 0);
        BOOST_TEST(bob.read_line() == "* Ada left");
    }
}

BOOST_AUTO_TEST_SUITE_END()
