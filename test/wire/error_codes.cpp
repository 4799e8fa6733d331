#include <echosocket/log.hpp>
#include <echosocket/result.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

namespace es = echosocket;
using es::errc;

namespace {

constexpr unsigned last_known = 60;

std::vector<errc> known_codes() {
    std::vector<errc> codes;
    for (unsigned number = 1; number <= last_known; ++number)
        if (const auto code = static_cast<errc>(number); es::name_of(code) != "unknown") codes.push_back(code);
    return codes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(error_codes)

BOOST_AUTO_TEST_CASE(every_code_of_the_header_is_known) {
    const auto codes = known_codes();
    BOOST_TEST(codes.size() == 10U + 18U + 7U);
    for (const auto& [first, last] : {std::pair(1, 10), std::pair(20, 37), std::pair(50, 56)})
        for (int number = first; number <= last; ++number)
            BOOST_TEST(es::name_of(static_cast<errc>(number)) != "unknown", number);
}

BOOST_AUTO_TEST_CASE(names_and_descriptions_are_unique) {
    std::set<std::string_view> names{"application", "unknown"};
    std::set<std::string_view> meanings{es::describe(errc::application), es::describe(errc{})};
    for (const auto code : known_codes()) {
        BOOST_TEST(names.insert(es::name_of(code)).second, es::name_of(code));
        BOOST_TEST(meanings.insert(es::describe(code)).second, es::name_of(code));
        BOOST_TEST(es::describe(code).size() > 10U);
    }
}

BOOST_AUTO_TEST_CASE(a_name_is_the_enumerators) {
    BOOST_TEST(es::name_of(errc::unknown_task) == "unknown_task");
    BOOST_TEST(es::name_of(errc::ping_timeout) == "ping_timeout");
    BOOST_TEST(es::name_of(errc::listen_failed) == "listen_failed");
}

BOOST_AUTO_TEST_CASE(codes_from_1000_on_are_the_applications) {
    BOOST_TEST(es::name_of(errc::application) == "application");
    BOOST_TEST(es::name_of(errc(65535)) == "application");
    BOOST_TEST(es::name_of(errc(999)) == "unknown");
    BOOST_TEST(es::name_of(errc(0)) == "unknown");
    BOOST_TEST(!es::is_retryable(errc(1000)));
}

BOOST_AUTO_TEST_CASE(a_retry_is_offered_where_it_can_help) {
    for (const auto code : {errc::overloaded, errc::shutting_down, errc::connection_lost, errc::connect_failed,
                            errc::connect_timeout, errc::refused, errc::ping_timeout})
        BOOST_TEST(es::is_retryable(code), es::name_of(code));
    for (const auto code :
         {errc::bad_request, errc::unknown_task, errc::not_allowed, errc::cancelled, errc::deadline_exceeded,
          errc::task_failed, errc::connection_closed, errc::abusive, errc::not_echosocket, errc::invalid_config})
        BOOST_TEST(!es::is_retryable(code), es::name_of(code));
}

BOOST_AUTO_TEST_CASE(the_errors_of_a_connection_are_told_from_those_of_a_call) {
    for (const auto origin : {es::failure_origin::this_end, es::failure_origin::other_end}) {
        const auto is_one = [origin](errc code) {
            es::failure why(code);
            why.origin = origin;
            return is_connection_error(why);
        };
        BOOST_TEST(is_one(errc::connection_lost));
        BOOST_TEST(is_one(errc::abusive));
        BOOST_TEST(!is_one(errc::bad_reply));
        BOOST_TEST(!is_one(errc::invalid_config));
    }
}

BOOST_AUTO_TEST_CASE(a_task_s_code_says_nothing_about_its_caller_s_connection) {
    es::failure why(errc::connection_lost);
    why.origin = es::failure_origin::task;
    BOOST_TEST(!is_connection_error(why));
}

BOOST_AUTO_TEST_CASE(some_codes_say_that_the_task_was_not_begun) {
    for (const auto code :
         {errc::unknown_task, errc::bad_request, errc::not_allowed, errc::overloaded, errc::shutting_down})
        BOOST_TEST(es::is_refusal(code), es::name_of(code));
    for (const auto code : {errc::task_failed, errc::cancelled, errc::deadline_exceeded, errc::message_too_large,
                            errc::connection_lost, errc::refused, errc::application})
        BOOST_TEST(!es::is_refusal(code), es::name_of(code));
}

BOOST_AUTO_TEST_CASE(codes_are_std_error_codes) {
    const std::error_code code = errc::overloaded;
    BOOST_TEST(code.category().name() == std::string("echosocket"));
    BOOST_TEST(code.message() == es::describe(errc::overloaded));
    BOOST_TEST((code == errc::overloaded));
    BOOST_TEST((code != errc::refused));
}

BOOST_AUTO_TEST_CASE(a_failure_knows_whether_it_is_worth_a_retry) {
    BOOST_TEST(es::failure(errc::overloaded).retryable);
    BOOST_TEST(!es::failure(errc::bad_request, "x").retryable);
    BOOST_TEST(!es::failure(errc::overloaded).started);
}

BOOST_AUTO_TEST_CASE(a_failures_message_is_its_code_and_detail) {
    BOOST_TEST(es::failure(errc::unknown_task, "no `ecko`; did you mean `echo`?").message() ==
               "unknown_task: no `ecko`; did you mean `echo`?");
    BOOST_TEST(es::failure(errc::cancelled).message() == "cancelled: the call was cancelled");
    BOOST_TEST(es::failure(errc(1003), "out of paper").message() == "application 1003: out of paper");
    BOOST_TEST(es::failure(errc(77)).message() == "unknown 77: an error that is unknown here");
}

BOOST_AUTO_TEST_CASE(misuse_names_its_code) {
    const es::usage_error misuse(errc::duplicate_task, "`echo`");
    BOOST_CHECK(misuse.code() == errc::duplicate_task);
    BOOST_TEST(misuse.what() == std::string("duplicate_task: `echo`"));
}

BOOST_AUTO_TEST_CASE(log_levels_have_names) {
    BOOST_TEST(es::name_of(es::log_level::debug) == "debug");
    BOOST_TEST(es::name_of(es::log_level::info) == "info");
    BOOST_TEST(es::name_of(es::log_level::warning) == "warning");
    BOOST_TEST(es::name_of(es::log_level::error) == "error");
}

BOOST_AUTO_TEST_SUITE_END()
