// What a large JSON body costs those who do not send it.
#include "integration/service_fixture.hpp"

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct documents_fixture : service_fixture {
    std::vector<peer> peers;
    std::string heard;
    const std::vector<int> numbers = std::vector<int>(900'000, 1000);  // 4.5 MB of JSON
    const std::vector<int> item = std::vector<int>(100'000, 1000);     // nearly half of the credit

    void serve() {
        make().on("count", [](const std::vector<int>& all) { return all.size(); });
        service->on("count_later", [](std::vector<int> all) -> asio::awaitable<std::size_t> { co_return all.size(); });
        service->on("nothing", [] {});
        service->on("give", [this] { return numbers; });
        service->on("add", [](source<std::vector<int>>& lists) -> asio::awaitable<result<std::size_t>> {
            std::size_t all = 0;
            for (;;) {
                auto list = co_await lists.next();
                if (!list) co_return list.error();
                if (!*list) co_return all;
                all += (*list)->size();
            }
        });
        service->on("give_item", [this](sink<std::vector<int>>& out) -> asio::awaitable<result<void>> {
            auto sent = co_await out.send(item);
            co_return sent;
        });
        service->on_notify("count", [this](const std::vector<int>& all) { heard += std::to_string(all.size()) + ' '; });
        service->on_notify("say", [this](std::string_view text) { heard += std::string(text) + ' '; });
        service->on_connect([this](const peer& who) -> result<void> {
            peers.push_back(who);
            return {};
        });
        start();
    }
    ~documents_fixture() { peers.clear(); }

    /// Runs until the server has read the nth connection's bytes.
    void until_read(std::size_t nth, std::size_t bytes) {
        run_until([&] { return peers[nth].info().bytes_in >= bytes; });
    }
    /// How many handlers run until a ping of `c` is answered.
    std::size_t handlers_until_ping(const client& c) {
        auto ping = begin<std::string>(c, "$ping", "x");
        std::size_t handlers = 0;
        for (; !ping.done(); ++handlers) io.poll_one();
        BOOST_TEST(value_of(run(ping)) == "x");
        return handlers;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(large_documents, documents_fixture)

BOOST_AUTO_TEST_CASE(another_one_s_ping_waits_for_a_step_of_one_not_for_all_of_it) {
    serve();
    auto sender = join();
    auto other = join();
    for (const auto* task : {"count", "count_later"}) {
        const auto before = peers[0].info().bytes_in;
        auto call = begin<std::size_t>(sender, task, numbers);
        until_read(0, before + 5 * numbers.size());
        BOOST_TEST(!call.done());
        BOOST_TEST(handlers_until_ping(other) < 40U);
        BOOST_TEST(!call.done());
        BOOST_TEST(value_of(run(call)) == numbers.size());
    }
    leave(sender);
    leave(other);
}

BOOST_AUTO_TEST_CASE(what_comes_behind_it_on_its_own_connection_does_not_wait_either) {
    serve();
    auto c = join();
    auto call = begin<std::size_t>(c, "count", numbers);
    until_read(0, 5 * numbers.size());
    BOOST_TEST(handlers_until_ping(c) < 40U);
    BOOST_TEST(!call.done());
    BOOST_TEST(value_of(run(call)) == numbers.size());
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_is_cancelled_is_parsed_no_further) {
    serve();
    auto c = join();
    auto call = begin<std::size_t>(c, "count", numbers);
    until_read(0, 5 * numbers.size());
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    BOOST_TEST(value_of(ask<std::string>(c, "$ping", "x")) == "x");
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_fit_is_refused_at_once) {
    serve();
    auto c = join();
    for (const auto* task : {"nothing", "$tasks", "$stats"}) {
        const auto before = peers[0].info().bytes_in;
        auto call = begin<>(c, task, numbers);
        until_read(0, before + 5 * numbers.size());
        std::size_t handlers = 0;
        for (; !call.done(); ++handlers) io.poll_one();
        BOOST_TEST(handlers < 40U);
        BOOST_TEST(outcome(run(call)) == "bad_request");
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_caller_parses_a_large_reply_in_steps_too) {
    serve();
    auto c = join();
    auto call = begin<std::vector<int>>(c, "give");
    run_until([&] { return peers[0].info().bytes_out >= 5 * numbers.size(); });
    std::size_t handlers = 0;
    for (; !call.done(); ++handlers) io.poll_one();
    BOOST_TEST(handlers >= 5 * numbers.size() / detail::json_step);
    BOOST_TEST(value_of(run(call)).size() == numbers.size());
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_of_a_stream_is_parsed_in_steps_too) {
    serve();
    auto c = join();
    const auto call = c.open<void, void, std::vector<int>>("give_item");
    const auto in = call.in();
    auto next = spawn([&] { return in.next(); });
    run_until([&] { return peers[0].info().bytes_out >= 5 * item.size(); });
    std::size_t handlers = 0;
    for (; !next.done(); ++handlers) io.poll_one();
    BOOST_TEST(handlers >= 5 * item.size() / detail::json_step);
    BOOST_TEST(value_of(run(next))->size() == item.size());
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_is_not_lost_if_its_reader_is_cancelled_while_it_is_parsed) {
    serve();
    auto c = join();
    const auto call = c.open<void, void, std::vector<int>>("give_item");
    const auto in = call.in();
    auto first = spawn([&] { return in.next(); });
    run_until([&] { return peers[0].info().bytes_out >= 5 * item.size(); });
    for (int handlers = 0; handlers != 3; ++handlers) io.poll_one();
    BOOST_TEST(!first.done());
    first.cancel();
    BOOST_TEST(outcome(run(first)) == "cancelled");
    const auto again = value_of(run([&] { return in.next(); }));
    BOOST_TEST(again.has_value());
    BOOST_TEST(again->size() == item.size());
    BOOST_TEST(outcome(run([&] { return call.reply(); })) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(notifications_stay_in_order) {
    serve();
    auto c = join();
    BOOST_TEST(outcome(c.notify("say", "before")) == "ok");
    BOOST_TEST(outcome(c.notify("count", std::vector<int>(100'000, 1))) == "ok");
    BOOST_TEST(outcome(c.notify("say", "behind")) == "ok");
    settle();
    BOOST_TEST(heard == "before 100000 behind ");
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
