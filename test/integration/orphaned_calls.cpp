// Calls that run on after their connections were lost: what they hold, and how many there may be.
#include "integration/service_fixture.hpp"

#include <boost/asio/this_coro.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// A line that says that it comes from elsewhere.
class line_from final : public transport {
public:
    line_from(std::string address, std::unique_ptr<transport> line)
        : address_(std::move(address)), line_(std::move(line)) {}
    asio::awaitable<boost::system::error_code> wait_readable() override { return line_->wait_readable(); }
    asio::awaitable<boost::system::error_code> wait_writable() override { return line_->wait_writable(); }
    io_result read_some(asio::mutable_buffer into) override { return line_->read_some(into); }
    io_result write_some(std::span<const asio::const_buffer> from) override { return line_->write_some(from); }
    void shutdown_send() override { line_->shutdown_send(); }
    void close() override { line_->close(); }
    [[nodiscard]] std::string remote_address() const override { return address_; }

private:
    std::string address_;
    std::unique_ptr<transport> line_;
};

struct orphans_fixture : service_fixture {
    std::vector<std::string> ended;
    std::vector<std::string> cancelled;
    std::function<result<void>(const peer&)> greet = [](const peer&) -> result<void> { return {}; };

    ~orphans_fixture() { finish(); }  // handlers that are cancelled at the end write to these members
    void serve() {
        make().on("book", [this](task_context& call, std::string what) -> asio::awaitable<std::string> {
            try {
                co_await call.sleep_for(10s);
            } catch (const boost::system::system_error&) {
                cancelled.push_back(what);
                throw;
            }
            ended.push_back(what);
            co_return "booked " + what;
        });
        service->on("ignore", [this](task_context& call, std::string what) -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await call.sleep_for(10s);
            ended.push_back(what);
        });
        service->on_connect([this](const peer& who) { return greet(who); });
        start();
    }
    raw_peer join_from(const std::string& address) {
        auto [ours, theirs] = testing::memory_pipe();
        service->attach(std::make_unique<line_from>(address, std::move(theirs)));
        settle();
        return {std::move(ours), turns()};
    }
    static std::string request(std::string_view task, const std::string& what) {
        const auto meta = raw::meta({.name = task, .idempotency_key = what});
        return raw::bytes_of({wire::frame_kind::request, 0, 1, meta, what});
    }
    /// Comes, makes a call whose key is its argument, and goes.
    void make_ghost(const std::string& what, const std::string& address = "memory") {
        auto ghost = join_from(address);
        ghost.greets();
        ghost.sends(request("book", what));
        ghost.leaves();
        settle();
    }
    std::string ask_again(const client& c, const std::string& what) {
        return value_of(run_in_virtual_time(begin<std::string>(c, once(what), "book", what)));
    }
};

using name_list = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(orphaned_calls, orphans_fixture)

BOOST_AUTO_TEST_CASE(a_place_is_free_once_its_line_is_closed_though_a_call_runs_on) {
    settings.max_connections = 2;
    serve();
    for (int i = 0; i != 10; ++i) make_ghost(std::to_string(i));
    BOOST_TEST(stats().refused.empty());
    BOOST_TEST(stats().connections == 0U);
    BOOST_TEST(stats().running_calls == 10U);
    auto c = join();
    clock.advance(10s);
    settle();
    BOOST_TEST(ended.size() == 10U);
    BOOST_TEST(stats().connections == 1U);
    BOOST_TEST(ask_again(c, "7") == "booked 7");
    BOOST_TEST(ended.size() == 10U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(so_is_its_place_among_those_of_its_address) {
    settings.max_per_address = 1;
    serve();
    for (int i = 0; i != 10; ++i) make_ghost(std::to_string(i), "192.0.2.1:1");
    BOOST_TEST(stats().running_calls == 10U);
    auto one = join_from("192.0.2.1:1");
    one.greets();
    auto two = join_from("192.0.2.1:2");
    two.expects_the_end_because(errc::refused);
    one.leaves();
}

BOOST_AUTO_TEST_CASE(and_so_is_that_of_a_call_that_does_not_heed_its_cancellation) {
    settings.max_connections = 1;
    serve();
    auto ghost = join_raw();
    ghost.greets();
    ghost.sends(raw::request(1, "ignore", "x"));
    ghost.leaves();
    settle();
    auto c = join();
    BOOST_TEST(stats().running_calls == 1U);
    clock.advance(10s);
    settle();
    BOOST_TEST((ended == name_list{"x"}));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_lost_one_is_in_no_group) {
    greet = [this](const peer& who) { return service->group("room").join(who); };
    serve();
    const auto room = service->group("room");
    auto c = join();
    BOOST_TEST(room.size() == 1U);
    make_ghost("a");
    BOOST_TEST(stats().running_calls == 1U);
    BOOST_TEST(room.size() == 1U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_the_oldest_is_cancelled) {
    settings.max_orphaned_calls = 3;
    serve();
    for (const auto* what : {"a", "b", "c", "d", "e"}) make_ghost(what);
    BOOST_TEST((cancelled == name_list{"a", "b"}));
    auto c = join();
    clock.advance(10s);
    settle();
    BOOST_TEST((ended == name_list{"c", "d", "e"}));
    for (const auto* what : {"c", "d", "e"}) BOOST_TEST(ask_again(c, what) == std::string("booked ") + what);
    BOOST_TEST(ended.size() == 3U);
    BOOST_TEST(ask_again(c, "a") == "booked a");  // as one without a key that was cancelled
    BOOST_TEST(ended.size() == 4U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(whoever_leaves_most_of_them_loses_them_first) {
    settings.max_orphaned_calls = 4;
    serve();
    for (const auto* what : {"a", "b"}) make_ghost(what, "192.0.2.1:1");
    for (int i = 0; i != 10; ++i) make_ghost(std::to_string(i), "192.0.2.2:1");
    BOOST_TEST((cancelled == name_list{"0", "1", "2", "3", "4", "5", "6", "7"}));
    clock.advance(10s);
    settle();
    BOOST_TEST((ended == name_list{"a", "b", "8", "9"}));
}

BOOST_AUTO_TEST_CASE(a_limit_of_0_lets_none_run_on) {
    settings.max_orphaned_calls = 0;
    serve();
    make_ghost("a");
    BOOST_TEST((cancelled == name_list{"a"}));
    BOOST_TEST(stats().running_calls == 0U);
}

BOOST_AUTO_TEST_CASE(those_that_have_ended_count_no_more) {
    settings.max_orphaned_calls = 2;
    serve();
    for (int i = 0; i != 3; ++i) {
        for (const auto* what : {"a", "b"}) make_ghost(std::to_string(i) + what);
        clock.advance(10s);
        settle();
    }
    BOOST_TEST(cancelled.empty());
    BOOST_TEST(ended.size() == 6U);
}

BOOST_AUTO_TEST_CASE(one_that_only_waits_for_another_s_result_does_not_run_on) {
    serve();
    auto first = join_raw();
    first.greets();
    first.sends(request("book", "a"));
    make_ghost("a");
    BOOST_TEST(stats().running_calls == 1U);
    clock.advance(10s);
    first.expects_reply(1, "booked a");
    BOOST_TEST((ended == name_list{"a"}));
    first.leaves();
}

BOOST_AUTO_TEST_SUITE_END()
