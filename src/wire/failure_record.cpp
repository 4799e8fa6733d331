#include "wire/failure_record.hpp"

#include "wire/utf8.hpp"

#include <algorithm>
#include <string>

namespace echosocket::wire {

namespace {

failure failure_from(const meta& records, std::string_view text) {
    failure why(errc::task_failed, std::string(text));
    if (records.code != 0) why.code = static_cast<errc>(records.code);
    why.retryable = (records.facts & fact_retryable) != 0;
    why.started = (records.facts & fact_started) != 0;
    return why;
}

/// Nothing but a task answers a call with these, so that they are known for a task's from ends that send no
/// `fact_of_task`.
bool only_tasks_answer(errc code) noexcept {
    constexpr auto last_of_an_api = static_cast<errc>(59);
    const auto is_between = [code](errc first, errc last) { return code >= first && code <= last; };
    return code == errc::task_failed || is_between(errc::connection_lost, errc::memory_exceeded) ||
           is_between(errc::invalid_config, last_of_an_api) || code >= errc::application;
}

failure_origin origin_of(std::uint32_t id, std::uint8_t facts, errc code) noexcept {
    const bool of_task = id != 0 && ((facts & fact_of_task) != 0 || only_tasks_answer(code));
    return of_task ? failure_origin::task : failure_origin::other_end;
}

}  // namespace

meta meta_of(const failure& why) noexcept {
    meta records{.code = static_cast<std::uint16_t>(why.code)};
    if (why.retryable) records.facts |= fact_retryable;
    if (why.started) records.facts |= fact_started;
    if (why.origin == failure_origin::task) records.facts |= fact_of_task;
    return records;
}

std::string_view text_of(const failure& why, std::size_t max_frame) noexcept {
    return head_of(why.detail, std::min(max_text, max_frame));
}

failure read_failure(const frame& error) {
    meta records;
    if (!parse_meta(error.meta, records)) records = {};
    failure why = failure_from(records, error.body);
    why.origin = origin_of(error.id, records.facts, why.code);
    return why;
}

std::optional<failure> read_end_failure(const frame& end) {
    meta records;
    if (!parse_meta(end.meta, records) || records.code == 0) return std::nullopt;
    failure why = failure_from(records, end.body);
    why.origin = failure_origin::task;
    return why;
}

}  // namespace echosocket::wire
