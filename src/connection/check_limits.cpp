#include "connection/check_limits.hpp"

#include "protocol/stream_credit.hpp"
#include "wire/utf8.hpp"

#include <echosocket/result.hpp>

#include <cstdint>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours longest(24);

}  // namespace

void require(bool fits, std::string_view field, std::string_view what) {
    if (!fits) throw usage_error(errc::invalid_config, std::string(field) + " must be " + std::string(what));
}

void require_positive(milliseconds value, std::string_view field) {
    require(value.count() > 0 && value <= longest, field, "above 0 ms and at most 24 h");
}

void require_not_negative(milliseconds value, std::string_view field) {
    require(value.count() >= 0 && value <= longest, field, "0 ms (off) to 24 h");
}

void check_name(const std::string& name) {
    require(wire::is_valid_name(name), "name", "1 to 255 bytes of UTF-8");
}

void check_limits(const limits& l) {
    require(l.max_frame >= 1024 && l.max_frame <= 64 * 1024 * 1024, "limits.max_frame", "1 KiB to 64 MiB");
    require(l.max_message >= l.max_frame && l.max_message <= UINT32_MAX, "limits.max_message",
            "at least limits.max_frame, and below 4 GiB");
    require(l.max_calls >= 1, "limits.max_calls", "at least 1");
    require(l.max_queued_calls >= 1, "limits.max_queued_calls", "at least 1");
    require(l.max_json_values >= 65'536, "limits.max_json_values", "at least 65536");
    require(l.max_nesting >= 1 && l.max_nesting <= 1000, "limits.max_nesting", "1 to 1000");
    require_positive(l.hello_timeout, "limits.hello_timeout");
    require_positive(l.frame_timeout, "limits.frame_timeout");
    require_not_negative(l.idle_timeout, "limits.idle_timeout");
    require_not_negative(l.ping_interval, "limits.ping_interval");
    require_positive(l.write_timeout, "limits.write_timeout");
    require(l.output_soft >= 1024, "limits.output_soft", "at least 1 KiB");
    require_positive(l.output_soft_time, "limits.output_soft_time");
    require(l.output_hard >= l.output_soft, "limits.output_hard", "at least limits.output_soft");
    require(l.stream_credit >= 4096 && l.stream_credit <= protocol::max_credit, "limits.stream_credit",
            "4 KiB to 2 GiB - 1");
    require(l.handling_queue >= 1024 && l.handling_queue <= protocol::max_credit, "limits.handling_queue",
            "1 KiB to 2 GiB - 1");
    require(l.abuse_burst >= 1, "limits.abuse_burst", "at least 1");
}

void check_rules(const queue_rules& rules, std::string_view field) {
    require(rules.max_bytes >= 1, std::string(field) + ".max_bytes", "at least 1");
    require(rules.max_frames >= 1, std::string(field) + ".max_frames", "at least 1");
}

}  // namespace echosocket
