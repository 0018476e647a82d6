/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address list, and the options of -o: what is taken is within its bounds, and written again it is the same. The
 * input is "LIST", or "LIST\nOPTIONS". */
#include "options.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void use_list(const char *text)
{
    struct source source, again;
    struct conf_error error = {""};
    char written[SOURCE_TEXT_MAX];
    bool list = source_is_list(text);
    int result = source_parse(text, &source, &error);

    require(result == 0 || (result < 0 && error.text[0] != '\0'));
    if (result != 0)
        return;
    require(source.count >= 1 && source.count <= SOURCE_SERVERS_MAX && list == (source.count > 1));
    require(source.path[0] == '/' && memchr(source.path, '\0', sizeof(source.path)) != NULL);
    for (size_t i = 0; i < source.count; i++) {
        const char *name = source.servers[i].name;
        require(name[0] != '\0' && name[0] != '-' && memchr(name, '\0', SOURCE_NAME_MAX) != NULL);
        require(strpbrk(name, " ,/[]%") == NULL);
    }
    require(strcmp(source_format(&source, written), text) == 0);
    require(source_parse(written, &again, &error) == 0 && memcmp(&again, &source, sizeof(source)) == 0);
}

static void use_options(const char *text)
{
    struct mount_options options, again;
    struct conf_error error = {""};
    int result = mount_options_parse(text, &options, &error);

    require(result == 0 || (result < 0 && error.text[0] != '\0'));
    if (result != 0)
        return;
    require(options.replication <= REPLICATION_SHARED && options.mismatch <= MISMATCH_REMOUNT);
    require(options.replication != REPLICATION_COPIES || options.readonly);
    require(memchr(options.passed, '\0', sizeof(options.passed)) != NULL);
    require(mount_options_has(&options, options.readonly ? "ro" : "rw"));
    require(!mount_options_has(&options, "replication") && !mount_options_has(&options, "_netdev"));
    (void)mount_options_parse(options.passed, &again, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    char *options = strchr(text, '\n');
    if (options != NULL) {
        *options++ = '\0';
        use_options(options);
    }
    use_list(text);
    free(text);
    return 0;
}
