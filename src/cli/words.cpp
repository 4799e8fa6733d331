#include "cli/words.hpp"

#include <optional>
#include <utility>

namespace echosocket::cli {

namespace {

class word_reader {
public:
    explicit word_reader(std::string_view line) : rest_(line) {}

    result<std::vector<std::string>> read() {
        while (!rest_.empty() && !error_) step(take());
        if (error_) return failure(errc::bad_request, *error_);
        end_word();
        return std::move(words_);
    }

private:
    void step(char c) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            end_word();
        } else if (c == '\'') {
            single_quoted();
        } else if (c == '"') {
            double_quoted();
        } else if (c == '\\') {
            escaped();
        } else {
            append(c);
        }
    }

    void single_quoted() {
        word_.emplace(word_.value_or(""));
        for (;;) {
            if (rest_.empty()) return fail("a ' was opened and not closed");
            const char c = take();
            if (c == '\'') return;
            append(c);
        }
    }

    void double_quoted() {
        word_.emplace(word_.value_or(""));
        for (;;) {
            if (rest_.empty()) return fail("a \" was opened and not closed");
            const char c = take();
            if (c == '"') return;
            if (c == '\\' && !rest_.empty() && std::string_view("$`\"\\\n").find(rest_[0]) != std::string_view::npos) {
                const char next = take();
                if (next != '\n') append(next);
            } else {
                append(c);
            }
        }
    }

    void escaped() {
        if (rest_.empty()) return fail("a backslash at the end escapes nothing");
        const char c = take();
        if (c != '\n') append(c);
    }

    char take() {
        const char c = rest_[0];
        rest_.remove_prefix(1);
        return c;
    }

    void append(char c) {
        if (c == '\0') return fail("a NUL byte can't be passed to a program");
        if (!word_) word_.emplace();
        *word_ += c;
    }

    void end_word() {
        if (word_) words_.push_back(std::move(*word_));
        word_.reset();
    }

    void fail(const char* why) { error_ = why; }

    std::string_view rest_;
    std::optional<std::string> word_;
    std::vector<std::string> words_;
    std::optional<std::string> error_;
};

}  // namespace

result<std::vector<std::string>> split_words(std::string_view line) {
    return word_reader(line).read();
}

}  // namespace echosocket::cli
