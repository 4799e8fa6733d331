// A task may answer with any code: what it says is told as the task's, and says nothing about the connection.
#include "support/played_server.hpp"
#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using namespace echosocket::testing;

namespace {

/// Answers every call with this code: its task does, or its library.
played_server::answers answering(errc code, bool is_task) {
    return [code, is_task](const wire::frame& f) {
        if (f.kind == raw::frame_kind::hello) return raw::hello();
        if (f.kind != raw::frame_kind::request) return std::string();
        const std::uint8_t facts = is_task ? wire::fact_of_task : 0;
        const auto meta = raw::meta({.code = static_cast<std::uint16_t>(code), .facts = facts});
        return raw::bytes_of({raw::frame_kind::error, 0, f.id, meta, "as asked"});
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures_of_tasks)

BOOST_AUTO_TEST_CASE(whatever_code_a_task_answers_it_is_the_task_that_failed) {
    for (const auto code : {errc::deadline_exceeded, errc::unknown_task, errc::shutting_down, errc::overloaded,
                            errc::cancelled, errc::connection_lost, errc::invalid_address}) {
        const played_server server(answering(code, true));
        const std::string name(name_of(code));
        const auto told = run({"call", server.address(), "refused"});
        BOOST_TEST(told.code == 1, name);
        BOOST_TEST(told.err == "echosocket: 'refused' failed: " + name + ": as asked\n");
        const auto report = boost::json::parse(run({"call", "--json", server.address(), "refused"}).out);
        BOOST_TEST(report.at("error").at("code").as_string() == name);
        BOOST_TEST(report.at("error").at("origin").as_string() == "task");
        const auto typed = run({"repl", server.address()}, "refused\n");
        BOOST_TEST(typed.code == 1, name);
        BOOST_TEST(typed.err == told.err);
    }
}

BOOST_AUTO_TEST_CASE(what_the_server_says_is_told_as_before) {
    const auto told = [](errc code) {
        const played_server server(answering(code, false));
        const auto reply = run({"call", "--timeout", "20s", server.address(), "task"});
        return std::to_string(reply.code) + ' ' + reply.err.substr(0, reply.err.find(';'));
    };
    BOOST_TEST(told(errc::deadline_exceeded) == "3 echosocket: no reply from 'task' within 20 s\n");
    BOOST_TEST(told(errc::unknown_task) == "1 echosocket: no task 'task'");
    BOOST_TEST(told(errc::shutting_down) == "1 echosocket: 'task' was not started: as asked\n");
}

BOOST_AUTO_TEST_CASE(a_ping_that_is_answered_with_a_failure_does_not_end_the_pings) {
    for (const auto code : {errc::cancelled, errc::connection_lost}) {
        const played_server server(answering(code, true));
        const auto reply = run({"ping", "-c", "2", "-i", "1ms", server.address()});
        BOOST_TEST(reply.code == 1);
        BOOST_TEST(reply.out.find("2 sent, 0 answered") != std::string::npos, reply.out);
    }
}

BOOST_AUTO_TEST_SUITE_END()
