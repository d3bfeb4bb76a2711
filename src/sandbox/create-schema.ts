/**
 * The body of `POST /2/tweets`, key for key as in X's OpenAPI (CreatePostsRequest, 2.167): unknown keys are refused.
 */
import { z } from "zod";

const Id = z.string().regex(/^[0-9]{1,19}$/, "must match ^[0-9]{1,19}$");
const ReplySettings = z.enum(["following", "mentionedUsers", "subscribers", "verified"]);

export const CreateSchema = z.strictObject({
  text: z.string().max(100_000).default(""),
  media: z
    .strictObject({
      media_ids: z.array(Id).min(1).max(4),
      tagged_user_ids: z.array(Id).max(10).optional(),
      title: z.string().optional(),
      description: z.string().optional(),
      preview_media_id: Id.optional(),
      embeddable: z.boolean().optional(),
      call_to_actions: z
        .strictObject({
          visit_site: z.strictObject({ url: z.string() }).optional(),
          watch_now: z.strictObject({ url: z.string() }).optional(),
          app_install: z
            .strictObject({
              app_store_id: z.string().optional(),
              ipad_app_store_id: z.string().optional(),
              play_store_id: z.string().optional(),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  reply: z
    .strictObject({
      in_reply_to_tweet_id: Id,
      exclude_reply_user_ids: z.array(z.string()).max(100).optional(),
      auto_populate_reply_metadata: z.boolean().optional(),
    })
    .optional(),
  poll: z
    .strictObject({
      options: z.array(z.string().min(1).max(25)).min(2).max(4),
      duration_minutes: z.number().int().min(5).max(10_080),
      reply_settings: ReplySettings.optional(),
    })
    .optional(),
  quote_tweet_id: Id.optional(),
  reply_settings: ReplySettings.optional(),
  made_with_ai: z.boolean().optional(),
  paid_partnership: z.boolean().optional(),
  community_id: Id.optional(),
  share_with_followers: z.boolean().optional(),
  for_super_followers_only: z.boolean().optional(),
  nullcast: z.boolean().optional(),
  geo: z.strictObject({ place_id: z.string() }).optional(),
  card_uri: z.string().optional(),
  direct_message_deep_link: z.string().optional(),
  edit_options: z.strictObject({ previous_post_id: Id }).optional(),
});
export type CreateBody = z.infer<typeof CreateSchema>;
