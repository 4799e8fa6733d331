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

}  // namespace

meta meta_of(const failure& why) noexcept {
    meta records{.code = static_cast<std::uint16_t>(why.code)};
    if (why.retryable) records.facts |= fact_retryable;
    if (why.started) records.facts |= fact_started;
    return records;
}

std::string_view text_of(const failure& why, std::size_t max_frame) noexcept {
    return head_of(why.detail, std::min(max_text, max_frame));
}

failure read_failure(const frame& error) {
    meta records;
    if (!parse_meta(error.meta, records)) return {errc::task_failed, std::string(error.body)};
    return failure_from(records, error.body);
}

std::optional<failure> read_end_failure(const frame& end) {
    meta records;
    if (!parse_meta(end.meta, records) || records.code == 0) return std::nullopt;
    return failure_from(records, end.body);
}

}  // namespace echosocket::wire
