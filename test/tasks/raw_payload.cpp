#include "support/allocation_count.hpp"
#include "tasks/served_call.hpp"

#include <boost/test/unit_test.hpp>

#include <span>

namespace es = echosocket;
namespace asio = boost::asio;
using es::test::allocation_count;
using es::test::served_task;

namespace {

const std::string payload(1000, '\xFF');  // neither JSON nor UTF-8

/// A reply that only reads, so that only the task's own cost is counted.
class glanced_reply final : public es::detail::reply_sink {
public:
    bool succeed(std::string_view body, es::content_type) override { return (seen = body.data()) != nullptr; }
    bool succeed(std::string&& body, es::content_type) override { return (seen = body.data()) != nullptr; }
    bool fail(const es::failure&) override { return (seen = nullptr) == nullptr; }

    const void* seen = nullptr;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(raw_payload)

BOOST_AUTO_TEST_CASE(views_show_the_payload_itself) {
    const void* seen = nullptr;
    served_task text([&seen](std::string_view body) { seen = body.data(); });
    text.call(payload);
    BOOST_TEST(seen == static_cast<const void*>(payload.data()));
    served_task bytes([&seen](std::span<const std::byte> body) { seen = body.size() == 1000 ? body.data() : nullptr; });
    seen = nullptr;
    bytes.call(payload);
    BOOST_TEST(seen == static_cast<const void*>(payload.data()));
}

BOOST_AUTO_TEST_CASE(an_echoed_view_is_handed_over_from_the_payload_itself) {
    const auto text = es::test::reply_of([](std::string_view body) { return body; }, payload);
    BOOST_TEST(text.source == static_cast<const void*>(payload.data()));
    BOOST_TEST(text.body == payload);
    const auto bytes = es::test::reply_of([](std::span<const std::byte> body) { return body; }, payload);
    BOOST_TEST(bytes.source == static_cast<const void*>(payload.data()));
    const auto later = [](std::string_view body) -> asio::awaitable<std::string_view> { co_return body; };
    BOOST_TEST(es::test::reply_of(later, payload).source == static_cast<const void*>(payload.data()));
}

BOOST_AUTO_TEST_CASE(a_returned_string_is_handed_over_without_a_copy) {
    const void* made = nullptr;
    const auto reply = es::test::reply_of(
        [&made](std::string_view body) {
            std::string copy(body);
            made = copy.data();
            return copy;
        },
        payload);
    BOOST_TEST(reply.moved);
    BOOST_TEST(reply.source == made);
    const auto checked = es::test::reply_of(
        [&made](std::string_view body) -> asio::awaitable<es::result<std::string>> {
            std::string copy(body);
            made = copy.data();
            co_return copy;
        },
        payload);
    BOOST_TEST(checked.moved);
    BOOST_TEST(checked.source == made);
}

BOOST_AUTO_TEST_CASE(owning_parameters_get_the_bytes_untouched) {
    const auto text = [](std::string body) { return body == payload; };
    BOOST_TEST(es::test::reply_of(text, payload).body == "true");
    const auto reference = [](const std::string& body) { return body == payload; };
    BOOST_TEST(es::test::reply_of(reference, payload).body == "true");
    const auto bytes = [](std::vector<std::byte> body) { return body; };
    BOOST_TEST(es::test::reply_of(bytes, payload).body == payload);
    const auto json_like = [](std::string body) { return body; };
    BOOST_TEST(es::test::reply_of(json_like, R"(["a"])").body == R"(["a"])");
    BOOST_TEST(es::test::reply_of(json_like, "").answers == 1);
}

BOOST_AUTO_TEST_CASE(a_plain_echo_allocates_nothing) {
    served_task echo([](std::string_view body) { return body; });
    glanced_reply reply;
    const auto before = allocation_count();
    echo.serve(payload, reply);
    BOOST_TEST(allocation_count() - before == 0U);
    BOOST_TEST(reply.seen == static_cast<const void*>(payload.data()));
}

BOOST_AUTO_TEST_CASE(a_coroutine_echo_costs_two_frames) {
    asio::io_context io;
    es::test::fake_call call(io);
    es::task_context context(call);
    glanced_reply reply;
    const auto echo =
        es::detail::make_task([](std::string_view body) -> asio::awaitable<std::string_view> { co_return body; });
    std::size_t cost = 0;
    const auto measure = [](es::detail::task& task, es::task_context& told, es::detail::reply_sink& into,
                            std::size_t& count) -> asio::awaitable<void> {
        const auto before = allocation_count();
        co_await task.start(told, payload, into);
        count = allocation_count() - before;
    };
    asio::co_spawn(io, measure(*echo, context, reply, cost), [](std::exception_ptr) {});
    io.run();
    BOOST_TEST(cost <= 2U);  // fewer if Asio has frames to reuse
    BOOST_TEST(reply.seen == static_cast<const void*>(payload.data()));
}

BOOST_AUTO_TEST_SUITE_END()
