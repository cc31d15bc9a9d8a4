package dev.ringside.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.codec.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls that take back what a configuration has made, when its next call fails. */
class InverseCallTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bdev_malloc_create | {'num_blocks': 8} | 'Malloc0' | bdev_malloc_delete {'name':'Malloc0'}",
                "bdev_nvme_attach_controller | {'name': 'N'} | ['Nn1'] | bdev_nvme_detach_controller {'name':'N'}",
                "scsi_host_attach | {'traddr': '0000:05:00.0'} | ['sda'] | scsi_host_detach {'traddr':'0000:05:00.0'}",
                "bdev_qos_group_add_bdev | {'name': 'g', 'bdev_name': 'b'} | true |"
                        + " bdev_qos_group_remove_bdev {'name':'g','bdev_name':'b'}",
                "bdev_split_create | {'base_bdev': 'b'} | ['bp0'] | bdev_split_delete {'base_bdev':'b'}",
                "bdev_error_create | {'base_name': 'b'} | true | bdev_error_delete {'name':'EE_b'}",
                "vhost_create_blk_controller | {'ctrlr': 'c'} | true | vhost_delete_controller {'ctrlr':'c'}",
                "vhost_scsi_controller_add_target | {'ctrlr': 'c', 'scsi_target_num': -1} | 4 |"
                        + " vhost_scsi_controller_remove_target {'ctrlr':'c','scsi_target_num':4,'lun':0}",
                "bdev_nvme_set_options | {'timeout_us': 5000} | true | nothing"
            })
    void isOfTheObjectThatWasMade(String method, String params, String result, String inverse) throws Exception {
        ConfigEntry entry = new ConfigEntry("s", 1, method, Json.parse(params.replace('\'', '"')), "file:1:1");
        assertThat(InverseCall.of(entry, Json.parse(result.replace('\'', '"')))
                        .map(call -> call.method() + " " + Json.text(call.params()))
                        .orElse("nothing"))
                .isEqualTo(inverse.replace('\'', '"'));
    }
}
