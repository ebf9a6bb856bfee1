/** The story that `nolapse demo --story` shows: what people are shown is what scenarios prove. */
export { SEVEN, STORY_NAMESPACES, STORY_POLICY, storyObjects } from '../../../cli/demo/story.ts';
