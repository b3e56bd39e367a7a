//! Channels: rules, mapping and what else holds for one, checked as a whole.

use connectors::{ActKind, CallContext, connector::Priority};
use domain::{
    ChannelName, Value,
    config::{self, Channel, ChannelCrm},
    mapping,
};
use ipc::{
    ErrorView,
    settings::{
        ChannelCrmSettings, ChannelSettings, ChannelView, ChatFieldChoice, CrmChoices, PreviewReply,
        PreviewRow, SaveChannelRequest,
    },
};

use super::LIMIT;
use crate::{
    configure::chat_kind,
    crm::Crm,
    engine::{Engine, Inner},
    fault,
    look::uncancelled,
};

/// What a desk makes of mail is no matter of the CRM.
const MAIL: &str = "mail";

impl Engine {
    /// A channel with what is needed to edit it.
    pub async fn channel_view(&self, channel: ChannelName) -> Result<ChannelView, ErrorView> {
        let connected = self.0.connected();
        let chat = chat_kind(&connected.loaded.document);
        let mut crms = Vec::new();
        for crm in connected.each_crm() {
            crms.push(self.0.choices(crm, chat).await);
        }
        Ok(ChannelView {
            settings: as_settings(connected.loaded.document.channel(channel)),
            crms,
            chat_fields: sources::registry::default_chat_fields(chat)
                .into_iter()
                .map(|(key, label)| ChatFieldChoice { key, label })
                .collect(),
            policy: connected.loaded.locked_by(channel.as_str()).map(str::to_owned),
        })
    }

    /// Saves a channel.
    pub async fn save_channel(&self, request: SaveChannelRequest) -> Result<(), ErrorView> {
        self.0.unlocked(request.channel.as_str())?;
        let mut document = self.0.local_document()?;
        *document.channel_mut(request.channel) = as_channel(request.settings);
        self.0.save_document(&document).await
    }

    /// What a mapping comes to for the visitor of the channel's active chat; nothing is saved.
    pub async fn preview_mapping(&self, request: SaveChannelRequest) -> Result<PreviewReply, ErrorView> {
        let connected = self.0.connected();
        let visitor = {
            let state = self.0.state();
            let active = state.tab(request.channel).active.as_ref();
            active.and_then(|key| state.chat(key)).map(|chat| chat.visitor.clone())
        };
        let Some(visitor) = visitor else { return Ok(PreviewReply { visitor: None, rows: Vec::new() }) };
        let mut rows = Vec::new();
        for settings in &request.settings.crms {
            let channel = connected.crms(request.channel).iter();
            let mut crms = channel.chain(connected.each_crm());
            let Some(crm) = crms.find(|crm| crm.id == settings.connection) else { continue };
            let cx = self.0.outside.call(Priority::Interactive, LIMIT, uncancelled());
            let Ok(schema) = crm.schema(&cx).await else { continue };
            let own = settings.mapping.as_deref().unwrap_or(&crm.mapping);
            let mapped = mapping::map(own, &visitor.fields, &schema, request.settings.region.as_deref());
            rows.extend(mapped.into_iter().map(|mapped| {
                let (value, problem) = match mapped.value {
                    Ok(value) => (value, None),
                    // What does not fit is shown as the chat has it, beside the problem.
                    Err(problem) => {
                        let said = mapped.from.iter().filter_map(|key| visitor.fields.value(key));
                        (Value::from(said.collect::<Vec<_>>().join(" ").as_str()), Some(problem))
                    }
                };
                PreviewRow { connection: crm.id.clone(), field: mapped.field, value, problem }
            }));
        }
        Ok(PreviewReply { visitor: Some(visitor.display_name().to_owned()), rows })
    }
}

impl Inner {
    async fn choices(&self, crm: &Crm, chat: &str) -> CrmChoices {
        let cx: CallContext = self.outside.call(Priority::Interactive, LIMIT, uncancelled());
        let schema = crm.schema(&cx).await;
        let kind = crm.connector.info().kind;
        let offers = crm.offers(&cx).await.unwrap_or_else(|_| crm.known_offers());
        let can = crm.connector.capabilities();
        let is_taken = |act: &ActKind| match act {
            ActKind::Tag | ActKind::Event => true,
            ActKind::Record(kind) => offers.contains_key(kind),
        };
        let acts = can.acts.iter().filter(|act| is_taken(act)).map(|act| act.name().to_owned());
        CrmChoices {
            connection: crm.id.clone(),
            name: crm.name.clone(),
            fields: schema.as_ref().map(|schema| schema.fields.clone()).unwrap_or_default(),
            error: schema.err().map(|error| fault::view(&error, &crm.name, self.now())),
            default_rules: config::defaults::rules(chat, kind),
            default_mapping: config::defaults::mapping(chat, kind),
            default_strategies: config::defaults::strategies(chat, kind),
            acts: acts.chain([MAIL.to_owned()]).collect(),
            records: offers.as_ref().clone(),
        }
    }
}

fn as_settings(channel: &Channel) -> ChannelSettings {
    let channel = channel.clone();
    ChannelSettings {
        enabled: channel.enabled,
        region: channel.region,
        never_match: channel.never_match,
        on_several: channel.on_several,
        no_match: channel.no_match,
        trial: channel.trial,
        typed_values: channel.typed_values,
        recent_hours: channel.recent_hours,
        catch_up_hours: channel.catch_up_hours,
        shown: channel.shown,
        crms: channel
            .lookups
            .into_iter()
            .map(|crm| ChannelCrmSettings {
                connection: crm.connection,
                rules: crm.rules,
                mapping: crm.mapping,
                strategies: crm.strategies.map(|strategies| *strategies),
                edits: crm.edits,
            })
            .collect(),
    }
}

fn as_channel(settings: ChannelSettings) -> Channel {
    Channel {
        enabled: settings.enabled,
        region: settings.region,
        never_match: settings.never_match,
        on_several: settings.on_several,
        no_match: settings.no_match,
        trial: settings.trial,
        typed_values: settings.typed_values,
        recent_hours: settings.recent_hours,
        catch_up_hours: settings.catch_up_hours,
        shown: settings.shown,
        lookups: settings
            .crms
            .into_iter()
            .map(|crm| ChannelCrm {
                connection: crm.connection,
                rules: crm.rules,
                mapping: crm.mapping,
                strategies: crm.strategies.map(Box::new),
                edits: crm.edits,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{config::Edits, strategies::Strategies};

    use super::*;

    #[test]
    fn a_channel_goes_through_the_form_without_loss() {
        let strategies = Some(Box::new(Strategies { identified_later: true, ..Strategies::default() }));
        let two = ChannelCrm { strategies, edits: Edits::NotAtAll, ..ChannelCrm::new("two") };
        let lookups = vec![ChannelCrm::new("one"), two];
        let channel = Channel { trial: true, lookups, ..Channel::default() };
        assert_eq!(as_channel(as_settings(&channel)), channel);
    }
}
