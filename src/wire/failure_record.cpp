#include "wire/failure_record.hpp"

#include <string>

namespace echosocket::wire {

meta meta_of(const failure& why) noexcept {
    meta records{.code = static_cast<std::uint16_t>(why.code)};
    if (why.retryable) records.facts |= fact_retryable;
    if (why.started) records.facts |= fact_started;
    return records;
}

failure read_failure(const frame& f) {
    meta records;
    failure why(errc::task_failed, std::string(f.body));
    if (!parse_meta(f.meta, records)) return why;
    if (records.code != 0) why.code = static_cast<errc>(records.code);
    why.retryable = (records.facts & fact_retryable) != 0;
    why.started = (records.facts & fact_started) != 0;
    return why;
}

}  // namespace echosocket::wire
