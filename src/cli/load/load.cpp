#include "cli/load/load.hpp"

#include "cli/load/runner.hpp"

#include <algorithm>
#include <cstdio>

namespace echosocket::load {

namespace {

constexpr std::size_t largest_payload = 1024 * 1024;  // bytes; the default limit of one frame

void append_number(std::string& out, const char* key, double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%s\"%s\":%.10g", out.back() == '{' ? "" : ",", key, value);
    out += text;
}

void append_number(std::string& out, const char* key, std::uint64_t value) {
    append_number(out, key, static_cast<double>(value));
}

void append_text(std::string& out, const char* key, const std::string& value) {
    out.append(",\"").append(key).append("\":\"");
    for (const char c : value) {
        const bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        out += plain ? c : '?';
    }
    out += '"';
}

void append_buckets(std::string& out, const histogram& latency) {
    out += ",\"buckets\":[";
    const char* separator = "";
    for (const auto& [highest, count] : latency.buckets()) {
        out.append(separator).append("[").append(std::to_string(highest)).append(",");
        out.append(std::to_string(count)).append("]");
        separator = ",";
    }
    out += ']';
}

}  // namespace

result<report> run(const options& wanted) {
    if (std::max(wanted.payload, wanted.body.size()) > largest_payload)
        return failure(errc::message_too_large, "a request of this load is at most 1 MiB");
    return runner<frames>(wanted).run();
}

std::string to_json(const report& outcome, bool with_buckets) {
    std::string out = "{";
    append_number(out, "seconds", outcome.took.count());
    append_number(out, "answers", outcome.answers);
    append_number(out, "rate", outcome.rate());
    append_number(out, "wrong", outcome.wrong);
    append_number(out, "unanswered", outcome.unanswered);
    append_text(out, "first_wrong", outcome.first_wrong);
    append_number(out, "mean", outcome.latency.mean());
    append_number(out, "min", outcome.latency.min());
    append_number(out, "p50", outcome.latency.value_at(0.5));
    append_number(out, "p90", outcome.latency.value_at(0.9));
    append_number(out, "p99", outcome.latency.value_at(0.99));
    append_number(out, "p99_9", outcome.latency.value_at(0.999));
    append_number(out, "max", outcome.latency.max());
    append_number(out, "slowest_connection", outcome.slowest_connection);
    append_number(out, "fastest_connection", outcome.fastest_connection);
    append_number(out, "flood_answers", outcome.flood_answers);
    append_number(out, "cpu", outcome.cpu);
    if (with_buckets) append_buckets(out, outcome.latency);
    return out + "}";
}

}  // namespace echosocket::load
