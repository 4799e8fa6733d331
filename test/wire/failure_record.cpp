#include "wire/failure_record.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::wire;

namespace {

std::string bytes_of(const wire::meta& records) {
    std::string bytes(meta_size(records), '\0');
    write_meta(bytes.data(), records);
    return bytes;
}

failure_origin origin_read(std::uint32_t id, const wire::meta& records) {
    const auto bytes = bytes_of(records);
    return read_failure({.kind = frame_kind::error, .id = id, .meta = bytes}).origin;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failure_record)

BOOST_AUTO_TEST_CASE(the_same_failure_is_read_that_was_written) {
    for (const bool retryable : {false, true}) {
        for (const bool started : {false, true}) {
            failure sent(errc::overloaded, "größer");
            sent.retryable = retryable;
            sent.started = started;
            sent.origin = failure_origin::task;
            const auto records = bytes_of(meta_of(sent));
            const frame error{.kind = frame_kind::error, .id = 1, .meta = records, .body = text_of(sent, 1024)};
            BOOST_CHECK(read_failure(error) == sent);
            BOOST_CHECK(read_end_failure(error) == sent);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_code_of_the_application_is_kept) {
    const auto code = static_cast<errc>(4711);
    const auto records = bytes_of(meta_of(failure(code)));
    BOOST_CHECK(read_failure({.kind = frame_kind::error, .meta = records}).code == code);
}

BOOST_AUTO_TEST_CASE(a_text_is_cut_to_what_an_error_may_say_and_to_one_frame_of_the_receiver) {
    const failure why(errc::task_failed, std::string(5000, 'x'));
    BOOST_TEST(text_of(why, 1024 * 1024).size() == max_text);
    BOOST_TEST(text_of(why, 1024).size() == 1024U);
}

BOOST_AUTO_TEST_CASE(a_text_is_cut_between_characters) {
    std::string text(1023, 'x');
    text += "ö";
    const failure why(errc::task_failed, text);
    BOOST_TEST(text_of(why, 1024).size() == 1023U);
}

BOOST_AUTO_TEST_CASE(an_error_without_a_code_or_with_a_broken_meta_is_a_failed_task) {
    const failure unknown = read_failure({.kind = frame_kind::error, .body = "why"});
    BOOST_CHECK(unknown.code == errc::task_failed);
    BOOST_TEST(unknown.detail == "why");
    const failure broken = read_failure({.kind = frame_kind::error, .meta = "?", .body = "why"});
    BOOST_CHECK(broken.code == errc::task_failed);
    BOOST_TEST(broken.detail == "why");
}

BOOST_AUTO_TEST_CASE(a_fact_that_is_not_sent_does_not_hold) {
    const auto records = bytes_of({.code = static_cast<std::uint16_t>(errc::overloaded)});
    const failure why = read_failure({.kind = frame_kind::error, .meta = records});
    BOOST_TEST(!why.retryable);
    BOOST_TEST(!why.started);
}

BOOST_AUTO_TEST_CASE(what_this_end_s_library_answers_is_the_other_end_s_there_and_what_a_task_answers_the_task_s) {
    for (const auto code : {errc::unknown_task, errc::overloaded, errc::shutting_down, errc::deadline_exceeded}) {
        failure why(code);
        for (const auto origin : {failure_origin::this_end, failure_origin::other_end}) {
            why.origin = origin;
            BOOST_CHECK(origin_read(1, meta_of(why)) == failure_origin::other_end);
        }
        why.origin = failure_origin::task;
        BOOST_CHECK(origin_read(1, meta_of(why)) == failure_origin::task);
    }
}

BOOST_AUTO_TEST_CASE(an_error_about_the_connection_is_never_a_task_s) {
    for (const auto code : {errc::refused, errc::shutting_down, errc::task_failed, errc::application}) {
        failure why(code);
        why.origin = failure_origin::task;
        BOOST_CHECK(origin_read(0, meta_of(why)) == failure_origin::other_end);
    }
}

BOOST_AUTO_TEST_CASE(without_the_fact_those_codes_are_the_task_s_with_which_nothing_else_answers_a_call) {
    for (const auto code : {1, 20, 26, 37, 50, 59, 1000, 65535, 0})
        BOOST_CHECK(origin_read(1, {.code = static_cast<std::uint16_t>(code)}) == failure_origin::task);
    for (const auto code : {2, 3, 4, 5, 6, 7, 8, 9, 11, 19, 38, 49, 60, 999})
        BOOST_CHECK(origin_read(1, {.code = static_cast<std::uint16_t>(code)}) == failure_origin::other_end);
}

BOOST_AUTO_TEST_CASE(an_end_that_failed_is_always_of_who_sends_the_items) {
    const auto records = bytes_of({.code = static_cast<std::uint16_t>(errc::cancelled)});
    const auto why = read_end_failure({.kind = frame_kind::end, .id = 1, .meta = records});
    BOOST_REQUIRE(why);
    BOOST_CHECK(why->origin == failure_origin::task);
}

BOOST_AUTO_TEST_CASE(an_end_without_a_code_did_not_fail) {
    BOOST_CHECK(!read_end_failure({.kind = frame_kind::end}));
    BOOST_CHECK(!read_end_failure({.kind = frame_kind::end, .meta = "?"}));
}

BOOST_AUTO_TEST_SUITE_END()
