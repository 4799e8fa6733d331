// The load generator must notice every wrong answer; otherwise its figures would mean nothing.
#include "cli/load/connection.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace echosocket;
using wire::frame_kind;

struct outcome {
    std::uint32_t sequence;
    bool right;
    std::string why;
};

/// A connection without a socket, and the answers on it.
class listener {
public:
    explicit listener(const load::options& wanted)
        : payload_(wanted, {}), dialect_(wanted, payload_.request()), receiver_(dialect_, payload_) {}

    bool take(std::string_view bytes) {
        const std::string joined = connection.carry + std::string(bytes);
        return receiver_.take(connection, joined, [this](std::uint32_t sequence, bool right, std::string_view why) {
            answers.push_back({sequence, right, std::string(why)});
        });
    }

    std::string right_body(std::uint32_t sequence) {
        std::string body(payload_.request());
        if (!payload_.stamped()) return body;
        const auto stamp = connection.stamp(sequence);
        return body.replace(0, sizeof stamp, reinterpret_cast<const char*>(&stamp), sizeof stamp);
    }

    load::connection connection{load::descriptor{}, 3, 8};
    std::vector<outcome> answers;

private:
    load::payload payload_;
    load::frames dialect_;
    load::receiver<load::frames> receiver_;
};

std::string frame(frame_kind kind, std::uint32_t sequence, std::string_view body, std::string_view meta = {}) {
    std::string bytes;
    wire::append_frame(bytes, {.kind = kind, .id = 2 * sequence + 1, .meta = meta, .body = body});
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_answers)

BOOST_AUTO_TEST_CASE(right_answers_are_found_in_any_order_and_at_any_cut) {
    listener one({});
    const auto bytes = frame(frame_kind::hello, 0, "ECHO") + frame(frame_kind::response, 5, one.right_body(5)) +
                       frame(frame_kind::response, 2, one.right_body(2), "\x07\x01\0\0");
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        listener cut_in_two({});
        BOOST_TEST(cut_in_two.take(bytes.substr(0, cut)));
        BOOST_TEST(cut_in_two.take(bytes.substr(cut)));
        BOOST_REQUIRE(cut_in_two.answers.size() == 2U);
        BOOST_TEST(cut_in_two.answers[0].sequence == 5U);
        BOOST_TEST(cut_in_two.answers[1].sequence == 2U);
        BOOST_TEST((cut_in_two.answers[0].right && cut_in_two.answers[1].right), "cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(another_requests_body_is_wrong) {
    listener one({});
    one.take(frame(frame_kind::response, 5, one.right_body(6)));
    BOOST_TEST(!one.answers.at(0).right);
}

BOOST_AUTO_TEST_CASE(one_changed_byte_is_wrong_wherever_it_is) {
    const load::options wanted{.payload = 300};
    listener one(wanted);
    for (std::size_t at = 0; at < 300; ++at) {
        auto body = one.right_body(1);
        body[at] = static_cast<char>(body[at] + 1);
        one.take(frame(frame_kind::response, 1, body));
        BOOST_TEST(!one.answers.back().right, "changed at " << at);
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_start_is_not_made_good_by_a_right_end) {
    listener one({});
    auto body = one.right_body(1);
    body[2] ^= 1;
    const auto bytes = frame(frame_kind::response, 1, body);
    one.take(bytes.substr(0, wire::header_size + 20));
    one.take(bytes.substr(wire::header_size + 20));
    BOOST_REQUIRE(one.answers.size() == 1U);
    BOOST_TEST(!one.answers.at(0).right);
}

BOOST_AUTO_TEST_CASE(a_body_too_short_or_too_long_is_wrong) {
    listener one({});
    const auto body = one.right_body(1);
    one.take(frame(frame_kind::response, 1, body.substr(0, 63)) + frame(frame_kind::response, 1, body + "x") +
             frame(frame_kind::response, 1, ""));
    BOOST_REQUIRE(one.answers.size() == 3U);
    for (const auto& answer : one.answers) BOOST_TEST(!answer.right);
}

BOOST_AUTO_TEST_CASE(every_page_of_a_large_body_is_looked_at) {
    const load::options wanted{.payload = 64 * 1024};
    listener one(wanted);
    for (std::size_t page = 0; page < 16; ++page) {
        auto body = one.right_body(1);
        body[page * 4096 + 60] ^= 1;
        one.take(frame(frame_kind::response, 1, body));
        BOOST_TEST(!one.answers.back().right, "changed in page " << page);
    }
    one.take(frame(frame_kind::response, 1, one.right_body(1)));
    BOOST_TEST(one.answers.back().right);
}

BOOST_AUTO_TEST_CASE(an_error_is_no_answer_and_its_text_is_kept) {
    listener one({});
    one.take(frame(frame_kind::error, 4, "no task echo"));
    BOOST_TEST(one.answers.at(0).sequence == 4U);
    BOOST_TEST(!one.answers.at(0).right);
    BOOST_TEST(one.answers.at(0).why == "no task echo");
}

BOOST_AUTO_TEST_CASE(a_fixed_answer_is_compared_with_what_is_expected) {
    listener one({.body = "[1,2]", .check = load::answer_check::fixed, .expected = "3"});
    one.take(frame(frame_kind::response, 0, "3") + frame(frame_kind::response, 1, "4"));
    BOOST_TEST(one.answers.at(0).right);
    BOOST_TEST(!one.answers.at(1).right);
}

BOOST_AUTO_TEST_CASE(noise_is_told_from_answers) {
    listener one({});
    BOOST_TEST(!one.take("HTTP/1.1 400 Bad Request\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(each_request_is_pending_until_its_own_answer) {
    load::pending calls(4);
    std::vector<std::uint32_t> numbers;
    for (std::int64_t when = 10; when < 14; ++when) numbers.push_back(calls.begin(when));
    BOOST_TEST(calls.count() == 4U);
    BOOST_TEST(calls.end(numbers[2]).value() == 12);
    BOOST_TEST(!calls.end(numbers[2]));
    for (std::uint32_t other = 4; other < 80; ++other) BOOST_TEST(!calls.end(other));
    BOOST_TEST(calls.count() == 3U);
}

BOOST_AUTO_TEST_CASE(a_slow_request_keeps_its_number_while_others_come_and_go) {
    load::pending calls(2);
    const auto slow = calls.begin(1);
    auto last = slow;
    for (std::int64_t when = 2; when < 1'000; ++when) {
        const auto quick = calls.begin(when);
        BOOST_TEST(quick > last);
        BOOST_TEST(calls.end(quick).value() == when);
        last = quick;
    }
    BOOST_TEST(calls.end(slow).value() == 1);
    BOOST_TEST(calls.count() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
