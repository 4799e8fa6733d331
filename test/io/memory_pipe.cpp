#include "support/io_fixture.hpp"
#include "support/transport_io.hpp"

#include <boost/asio/read.hpp>

#include <algorithm>
#include <numeric>
#include <string>

using namespace echosocket;
using namespace echosocket::test;
using boost::system::error_code;

namespace {

struct pipe_fixture : io_fixture {
    std::unique_ptr<transport> left;
    std::unique_ptr<transport> right;

    void open(testing::faults first = {}, testing::faults second = {}) {
        std::tie(left, right) = testing::memory_pipe(first, second);
    }

    spawned<error_code> wait_readable(transport& end) {
        auto coroutine = spawn([&end] { return end.wait_readable(); });
        settle();
        return coroutine;
    }

    spawned<error_code> wait_writable(transport& end) {
        auto coroutine = spawn([&end] { return end.wait_writable(); });
        settle();
        return coroutine;
    }

    static io_result write(transport& end, std::string_view bytes) {
        const std::array buffers{asio::const_buffer(bytes.data(), bytes.size())};
        return end.write_some(buffers);
    }

    static io_result read(transport& end, std::string& bytes, std::size_t size = 64) {
        bytes.resize(size);
        const auto outcome = end.read_some(asio::buffer(bytes));
        bytes.resize(outcome.bytes);
        return outcome;
    }
};

std::string numbered(std::size_t count) {
    std::string bytes(count, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    return bytes;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_pipe, pipe_fixture)

BOOST_AUTO_TEST_CASE(bytes_arrive_in_order_both_ways) {
    open();
    std::string got;
    const std::string_view hello = "hello";
    const std::string_view world = " world";
    const std::array parts{asio::const_buffer(hello.data(), hello.size()),
                           asio::const_buffer(world.data(), world.size())};
    BOOST_TEST(left->write_some(parts).bytes == 11U);
    BOOST_TEST(read(*right, got, 4).bytes == 4U);
    BOOST_TEST(got == "hell");
    read(*right, got);
    BOOST_TEST(got == "o world");
    BOOST_TEST((read(*right, got).error == asio::error::would_block));
    write(*right, "back");
    read(*left, got);
    BOOST_TEST(got == "back");
    BOOST_TEST(left->remote_address() == "memory");
}

BOOST_AUTO_TEST_CASE(a_wait_for_bytes_ends_when_they_come) {
    open();
    auto waiting = wait_readable(*right);
    BOOST_TEST(!waiting.done());
    write(*left, "x");
    BOOST_TEST(!waiting.done());
    settle();
    BOOST_TEST(waiting.done());
    BOOST_TEST(!waiting.get());
    BOOST_TEST(!run(wait_readable(*right)));
}

BOOST_AUTO_TEST_CASE(an_empty_read_or_write_moves_nothing_and_is_no_error) {
    open();
    std::string none;
    BOOST_TEST(!read(*right, none, 0).error);
    BOOST_TEST(!write(*right, "").error);
}

BOOST_AUTO_TEST_CASE(a_full_pipe_blocks_until_the_other_end_reads) {
    open({}, {.capacity = 4});
    BOOST_TEST(write(*left, "abcdef").bytes == 4U);
    BOOST_TEST((write(*left, "ef").error == asio::error::would_block));
    auto waiting = wait_writable(*left);
    BOOST_TEST(!waiting.done());
    std::string got;
    read(*right, got, 1);
    settle();
    BOOST_TEST(waiting.done());
    BOOST_TEST(!waiting.get());
    BOOST_TEST(write(*left, "ef").bytes == 1U);
}

BOOST_AUTO_TEST_CASE(a_writer_that_waits_hears_of_the_other_end_closing) {
    open({}, {.capacity = 1});
    write(*left, "x");
    auto waiting = wait_writable(*left);
    right->close();
    BOOST_TEST(!run(waiting));
    BOOST_TEST((write(*left, "y").error == asio::error::broken_pipe));
}

BOOST_AUTO_TEST_CASE(a_writer_that_waits_hears_of_its_own_shutdown) {
    open({}, {.capacity = 1});
    write(*left, "x");
    auto waiting = wait_writable(*left);
    left->shutdown_send();
    BOOST_TEST(!run(waiting));
    BOOST_TEST((write(*left, "y").error == asio::error::broken_pipe));
}

BOOST_AUTO_TEST_CASE(shutting_down_one_direction_leaves_the_other_open) {
    open();
    write(*left, "last");
    left->shutdown_send();
    std::string got;
    BOOST_TEST(!run(wait_readable(*right)));
    read(*right, got);
    BOOST_TEST(got == "last");
    BOOST_TEST(!run(wait_readable(*right)));
    BOOST_TEST((read(*right, got).error == asio::error::eof));
    BOOST_TEST((write(*left, "more").error == asio::error::broken_pipe));
    BOOST_TEST(!write(*right, "reply").error);
    read(*left, got);
    BOOST_TEST(got == "reply");
}

BOOST_AUTO_TEST_CASE(closing_gives_the_other_end_eof_after_what_was_written) {
    open();
    auto waiting = wait_readable(*right);
    write(*left, "bye");
    left->close();
    settle();
    BOOST_TEST(!waiting.get());
    std::string got;
    read(*right, got);
    BOOST_TEST(got == "bye");
    BOOST_TEST((read(*right, got).error == asio::error::eof));
    BOOST_TEST((write(*right, "x").error == asio::error::broken_pipe));
    BOOST_TEST(!run(wait_writable(*right)));
}

BOOST_AUTO_TEST_CASE(destroying_an_end_closes_it) {
    open();
    left.reset();
    std::string got;
    BOOST_TEST((read(*right, got).error == asio::error::eof));
}

BOOST_AUTO_TEST_CASE(closing_ends_its_own_waits) {
    open({}, {.capacity = 1});
    write(*left, "x");
    auto reading = wait_readable(*left);
    auto writing = wait_writable(*left);
    left->close();
    left.reset();
    settle();
    BOOST_TEST((reading.get() == asio::error::operation_aborted));
    BOOST_TEST((writing.get() == asio::error::operation_aborted));
}

BOOST_AUTO_TEST_CASE(a_closed_end_refuses_everything) {
    open();
    left->close();
    std::string got;
    BOOST_TEST((read(*left, got).error == asio::error::bad_descriptor));
    BOOST_TEST((write(*left, "x").error == asio::error::bad_descriptor));
    BOOST_TEST((run(wait_readable(*left)) == asio::error::bad_descriptor));
    BOOST_TEST((run(wait_writable(*left)) == asio::error::bad_descriptor));
}

BOOST_AUTO_TEST_CASE(a_wait_can_be_cancelled_and_the_end_lives_on) {
    open();
    auto waiting = wait_readable(*right);
    waiting.cancel();
    settle();
    BOOST_TEST((waiting.get() == asio::error::operation_aborted));
    write(*left, "x");
    BOOST_TEST(!run(wait_readable(*right)));
}

BOOST_AUTO_TEST_CASE(reads_and_writes_can_be_split_at_every_byte) {
    open({.max_write = 1}, {.max_read = 1});
    BOOST_TEST(write(*left, "abc").bytes == 1U);
    BOOST_TEST(write(*left, "bc").bytes == 1U);
    std::string got;
    BOOST_TEST(read(*right, got).bytes == 1U);
    BOOST_TEST(got == "a");
}

BOOST_AUTO_TEST_CASE(the_nth_read_and_all_later_ones_fail) {
    open({}, {.fail_read = 1});
    std::string got;
    write(*left, "a");
    BOOST_TEST(!read(*right, got).error);
    BOOST_TEST((read(*right, got).error == asio::error::connection_reset));
    BOOST_TEST((read(*right, got).error == asio::error::connection_reset));
    BOOST_TEST(!run(wait_readable(*right)));
}

BOOST_AUTO_TEST_CASE(the_nth_write_and_all_later_ones_fail) {
    open({.fail_write = 1}, {.capacity = 1});
    BOOST_TEST(!write(*left, "a").error);
    BOOST_TEST((write(*left, "b").error == asio::error::broken_pipe));
    BOOST_TEST((write(*left, "c").error == asio::error::broken_pipe));
    BOOST_TEST(!run(wait_writable(*left)));
}

BOOST_AUTO_TEST_CASE(the_nth_wait_fails) {
    open({}, {.fail_wait = 1});
    BOOST_TEST(!run(wait_writable(*right)));
    BOOST_TEST((run(wait_readable(*right)) == asio::error::connection_reset));
    BOOST_TEST(!run(wait_writable(*right)));
}

BOOST_AUTO_TEST_CASE(the_ends_may_live_on_different_threads) {
    const auto sent = numbered(100'000);
    std::string echoed;
    open({.max_write = 7'001, .capacity = 5'003}, {.max_read = 1'009, .capacity = 3'001});
    const auto writer = spawn([&]() -> asio::awaitable<void> {
        co_await write_all(*left, sent);
        left->shutdown_send();
        echoed = co_await read_to_end(*left);
    });
    const auto echo = spawn([&]() -> asio::awaitable<void> {
        auto received = co_await read_to_end(*right);
        co_await write_all(*right, std::move(received));
        right->close();
    });
    run_on_threads(2);
    BOOST_TEST(writer.done());
    BOOST_TEST(echo.done());
    BOOST_TEST((echoed == sent));
}

BOOST_AUTO_TEST_CASE(a_queue_that_never_runs_empty_does_not_lose_or_repeat_bytes) {
    open();
    const auto sent = numbered(256);
    std::string expected;
    std::string got;
    std::string all;
    write(*left, sent);
    expected += sent;
    for (int i = 0; i != 500; ++i) {
        write(*left, std::string_view(sent).substr(0, 97));
        expected.append(sent, 0, 97);
        read(*right, got, 97);
        all += got;
    }
    while (!read(*right, got).error) all += got;
    BOOST_TEST((all == expected));
}

BOOST_AUTO_TEST_SUITE_END()
