// A server's information about its clients, and the handle to one of them.
#include "integration/service_fixture.hpp"
#include "wire/meta.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct peers_fixture : service_fixture {
    std::vector<peer> met;
    std::vector<std::string> ends;

    /// A server that keeps a handle to every client, and the reason for the end of each.
    void serve() {
        service->on_connect([this](const peer& who) -> result<void> {
            met.push_back(who);
            return {};
        });
        service->on_disconnect([this](const peer& who, const failure& why) {
            ends.push_back(who.name() + ": " + std::string(name_of(why.code)) + (who.connected() ? ", connected" : ""));
        });
        service->on("echo", echo_task);
        start();
    }
    client join_as(std::string name) {
        auto with = client_settings;
        with.name = std::move(name);
        return join(with);
    }
    result<client> try_to_join() {
        return run([this] { return client::connect(*service, client_settings); });
    }
    std::vector<peer> peers() {
        return run([this] { return service->peers(); });
    }
};

std::string names_of(const std::vector<peer>& all) {
    std::string names;
    for (const auto& each : all) names += each.name() + ' ';
    return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peers)

BOOST_FIXTURE_TEST_CASE(whoever_has_introduced_itself_is_a_peer, peers_fixture) {
    make();
    serve();
    auto stranger = join_raw();
    BOOST_TEST(peers().empty());
    BOOST_TEST(met.empty());
    auto anna = join_as("anna");
    auto other_anna = join_as("anna");
    auto ben = join_as("ben");
    BOOST_TEST(names_of(met) == "anna anna ben ");
    BOOST_TEST(peers().size() == 3U);
    BOOST_TEST(names_of(run([this] { return service->find("anna"); })) == "anna anna ");
    BOOST_TEST(run([this] { return service->find("nobody"); }).empty());

    const auto found = run([this] { return service->find(met[2].id()); });
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((*found == met[2]));
    BOOST_TEST(!(*found == met[0]));
    BOOST_TEST(!run([this] { return service->find(std::uint64_t{1}); }).has_value(), "that is the stranger");
    BOOST_TEST(!run([this] { return service->find(std::uint64_t{99}); }).has_value());
    leave(ben);
    settle();
    BOOST_TEST(names_of(peers()) == "anna anna ");
    BOOST_TEST(!run([this] { return service->find(met[2].id()); }).has_value());
    leave(anna);
    leave(other_anna);
}

BOOST_FIXTURE_TEST_CASE(on_connect_may_refuse_with_a_reason_that_the_client_sees, peers_fixture) {
    make().on_connect([](const peer& who) -> result<void> {
        if (who.name() == "client") return failure(errc::not_allowed, "come back on Monday");
        return {};
    });
    serve();
    const auto refused = try_to_join();
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(name_of(refused.error().code) == "refused");
    BOOST_TEST(refused.error().detail.find("come back on Monday") != std::string::npos);
    auto welcome = join_as("friend");
    BOOST_TEST(names_of(met) == "friend ", "those behind one that refuses are not asked");
    BOOST_TEST(names_of(peers()) == "friend ");
    BOOST_TEST(ends.empty(), "whoever was not let in does not leave");
    BOOST_TEST(stats().refused.at("refused") == 1U);
    BOOST_TEST(stats().closed.at("refused") == 1U);
    leave(welcome);
}

BOOST_FIXTURE_TEST_CASE(a_callback_that_throws_refuses_that_one_client, peers_fixture) {
    std::string log;
    settings.log = [&log](log_level level, std::string_view text) {
        if (level == log_level::error) log += text;
    };
    make().on_connect([](const peer& who) -> result<void> {
        if (who.name() == "client") throw std::runtime_error("no such table");
        return {};
    });
    service->on_disconnect([](const peer&, const failure&) { throw std::runtime_error("nor such a row"); });
    serve();
    BOOST_TEST(outcome(try_to_join()) == "refused");
    BOOST_TEST(log.find("no such table") != std::string::npos);
    auto friendly = join_as("friend");
    leave(friendly);
    settle();
    BOOST_TEST(log.find("nor such a row") != std::string::npos);
    BOOST_TEST(ends.size() == 1U, "the other callbacks are told as ever");
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_throw_anything, peers_fixture) {
    std::size_t logged = 0;
    settings.log = [&logged](log_level, std::string_view text) {
        if (text.find("threw: an exception that is no std::exception") != std::string_view::npos) ++logged;
    };
    make().on_connect([](const peer& who) -> result<void> {
        if (who.name() == "client") throw 42;
        return {};
    });
    service->on_disconnect([](const peer&, const failure&) { throw 43; });
    serve();
    BOOST_TEST(outcome(try_to_join()) == "refused");
    auto friendly = join_as("friend");
    leave(friendly);
    settle();
    BOOST_TEST(logged == 2U);
    BOOST_TEST(ends.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_on_connect_sends_arrives_behind_the_hello, peers_fixture) {
    make().on_connect([this](const peer& who) -> result<void> {
        BOOST_TEST(outcome(service->group("all").join(who)) == "ok");
        BOOST_TEST(outcome(who.notify("welcome", "to you")) == "ok");
        service->group("all").notify("arrival", who.name());
        return {};
    });
    serve();
    auto guest = join_raw();
    guest.sends(raw::hello());
    (void)guest.expects_hello();
    for (const auto* body : {"to you", "raw peer"}) {
        const auto next = guest.expects_frame();
        BOOST_TEST((next.kind == raw::frame_kind::notify));
        BOOST_TEST(next.body == body);
    }
    guest.leaves();
    BOOST_TEST(service->group("all").size() == 0U);
}

BOOST_FIXTURE_TEST_CASE(one_who_was_taken_in_and_then_refused_hears_nothing_and_is_in_no_group, peers_fixture) {
    make().on_connect([this](const peer& who) -> result<void> {
        met.push_back(who);
        (void)service->group("all").join(who);
        (void)who.notify("welcome");
        return {};
    });
    service->on_connect([](const peer&) -> result<void> { return failure(errc::refused, "after all"); });
    serve();
    auto guest = join_raw();
    guest.sends(raw::hello());
    BOOST_TEST(guest.expects_the_end_because(errc::refused) == "after all");
    BOOST_TEST(service->group("all").size() == 0U);
    BOOST_TEST(outcome(service->group("all").join(met.front())) == "connection_lost");
}

BOOST_FIXTURE_TEST_CASE(on_disconnect_tells_the_cause, peers_fixture) {
    settings.limits.hello_timeout = 100ms;
    make();
    serve();
    auto leaver = join_as("leaver");
    leave(leaver);
    settle();
    auto broken = join_raw();
    broken.greets({.name = "broken"});
    broken.sends(raw::hello());
    broken.expects_the_end_because(errc::protocol_error);
    auto dismissed = join_as("dismissed");
    met.back().close("enough");
    settle();
    auto stranger = join_raw();
    clock.advance(100ms);
    settle();
    auto last = join_as("last");
    (void)stop();
    settle();
    const std::vector<std::string> expected{"leaver: connection_lost", "broken: protocol_error", "dismissed: refused",
                                            "last: shutting_down"};
    BOOST_TEST(ends == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(memberships_have_ended_when_on_disconnect_is_called, peers_fixture) {
    std::size_t members = 99;
    make().on_disconnect([&](const peer&, const failure&) { members = service->group("room").size(); });
    serve();
    auto guest = join();
    BOOST_TEST(outcome(service->group("room").join(met.front())) == "ok");
    leave(guest);
    settle();
    BOOST_TEST(members == 0U);
}

BOOST_FIXTURE_TEST_CASE(data_of_the_users_own_is_attached_by_type, peers_fixture) {
    make().on("whoami", [](task_context& call) {
        const auto name = call.peer().data<std::string>();
        return name ? *name : std::string("nobody");
    });
    serve();
    auto guest = join();
    BOOST_TEST(value_of(ask<std::string>(guest, "whoami")) == "nobody");
    auto attached = std::make_shared<std::string>("anna");
    const std::weak_ptr<std::string> watched = attached;
    met.front().set_data(std::move(attached));
    BOOST_TEST(value_of(ask<std::string>(guest, "whoami")) == "anna");
    BOOST_TEST(met.front().data<int>() == nullptr, "that is no int");
    met.front().set_data(std::make_shared<int>(7));
    BOOST_TEST(*met.front().data<int>() == 7);
    BOOST_TEST(met.front().data<std::string>() == nullptr);
    BOOST_TEST(watched.expired(), "what was there before is let go");
    leave(guest);
    BOOST_TEST(*met.front().data<int>() == 7, "as long as there is a handle");
}

BOOST_FIXTURE_TEST_CASE(close_tells_the_other_end_the_reason_behind_what_was_sent, peers_fixture) {
    make();
    serve();
    std::string heard;
    auto with = client_settings;
    with.handlers.on_notify("bye", [&heard](std::string text) { heard = std::move(text); });
    auto guest = join(with);
    auto waiting = spawn([&] { return guest.closed(); });
    settle();
    BOOST_TEST(outcome(met.front().notify("bye", "thanks")) == "ok");
    met.front().close("the room is full");
    const auto why = run(std::move(waiting));
    BOOST_TEST(name_of(why.code) == "refused");
    BOOST_TEST(why.detail.find("the room is full") != std::string::npos);
    BOOST_TEST(heard == "thanks");
    met.front().close("again does nothing");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(what_a_slow_reader_was_sent_comes_before_the_reason_of_the_end, peers_fixture) {
    make();
    serve();
    auto guest = join_raw({.capacity = 1024});
    guest.greets();
    for (int i = 0; i != 200; ++i) BOOST_TEST(outcome(met.front().notify("n", std::string(1000, 'x'))) == "ok");
    met.front().close("enough");
    settle();
    for (int i = 0; i != 200; ++i) BOOST_REQUIRE((guest.expects_frame().kind == raw::frame_kind::notify));
    BOOST_TEST(guest.expects_the_end_because(errc::refused) == "enough");
}

BOOST_FIXTURE_TEST_CASE(close_without_a_reason_just_closes, peers_fixture) {
    make();
    serve();
    auto guest = join();
    auto waiting = spawn([&] { return guest.closed(); });
    settle();
    met.front().close();
    BOOST_TEST(name_of(run(std::move(waiting)).code) == "connection_lost");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(a_handle_outlives_its_connection, peers_fixture) {
    make();
    serve();
    auto guest = join();
    const peer handle = met.front();
    BOOST_TEST(handle.connected());
    BOOST_TEST(handle.address() == "memory");
    clock.advance(3s);
    BOOST_TEST((handle.info().age == 3s));
    leave(guest);
    settle();
    BOOST_TEST(!handle.connected());
    BOOST_TEST(handle.id() == 1U);
    BOOST_TEST(handle.name() == "client");
    BOOST_TEST(outcome(handle.notify("topic", 1)) == "connection_lost");
    BOOST_TEST(outcome(run([&] { return handle.call<int>("task"); })) == "connection_lost");
    auto call = handle.open<int, int, void>("task");
    BOOST_TEST(outcome(run([&] { return call.reply(); })) == "connection_lost");
    BOOST_TEST(outcome(service->group("room").join(handle)) == "connection_lost");
    handle.close("too late");
    (void)stop();
    service.reset();
    BOOST_TEST(outcome(run([&] { return handle.call<int>("task"); })) == "connection_lost");
    met.clear();
}

BOOST_FIXTURE_TEST_CASE(a_handle_to_nobody_fails_softly, peers_fixture) {
    make();
    serve();
    const peer nobody;
    BOOST_TEST(nobody.id() == 0U);
    BOOST_TEST(nobody.name() == "");
    BOOST_TEST(!nobody.connected());
    BOOST_TEST(nobody.info().id == 0U);
    BOOST_TEST(outcome(nobody.notify("topic")) == "connection_lost");
    BOOST_TEST(outcome(run([&] { return nobody.call<int>("task"); })) == "connection_lost");
    auto call = nobody.open<int, int, void>("task");
    BOOST_TEST(outcome(run([&] { return call.reply(); })) == "connection_lost");
    BOOST_TEST(outcome(service->group("room").join(nobody)) == "bad_request");
    BOOST_TEST(!service->group("room").leave(nobody));
    nobody.close();
    nobody.set_data(std::make_shared<int>(1));
    BOOST_TEST(nobody.data<int>() == nullptr);
}

BOOST_FIXTURE_TEST_CASE(over_tcp_a_peer_has_its_address_and_hears_why_it_is_refused, peers_fixture) {
    make().on_connect([this](const peer&) -> result<void> {
        if (met.empty()) return {};
        return failure(errc::refused, "one is enough");
    });
    serve();
    const auto at = "127.0.0.1:" + std::to_string(service->port());
    auto guest = join_at(at);
    BOOST_TEST(met.front().address().starts_with("127.0.0.1:"));
    const auto second = run([&] { return client::connect(at, client_settings); });
    BOOST_REQUIRE(!second.has_value());
    BOOST_TEST(name_of(second.error().code) == "refused");
    BOOST_TEST(second.error().detail.find("one is enough") != std::string::npos);
    leave(guest);
    run_until([this] { return !ends.empty(); });
}

BOOST_AUTO_TEST_SUITE_END()
